/** What everybody in a world goes by: the time, chance and the box in front of them. Whoever does something is a `Scene` of their own. */
import type { Seeded } from '../../../device/demo/random.ts';
import type { Pages } from './pages.ts';
import type { PeoplePorts } from './people-ports.ts';

export class Scene {
  protected readonly ports: PeoplePorts & { readonly pages: Pages };

  constructor(ports: PeoplePorts & { readonly pages: Pages }) {
    this.ports = ports;
  }

  protected get chance(): Seeded {
    return this.ports.chance;
  }
  protected one<T>(of: readonly T[]): T {
    return this.chance.pick(of);
  }
  protected often(share: number): boolean {
    return this.chance.next() < share;
  }
  protected at(time: number, act: () => void): void {
    const { schedule, machine } = this.ports;
    schedule.at(time, () => {
      machine.stir();
      act();
    });
  }
  protected in(ms: number, act: () => void): void {
    this.at(this.ports.schedule.now + ms, act);
  }
  protected tell(line: string): void {
    this.ports.auditor.log(line);
  }
}
