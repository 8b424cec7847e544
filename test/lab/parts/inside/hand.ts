/** The suite's hand on what is plugged into the guest from outside (hands.ts). */
import type { AskName, Asks } from '../hands.ts';

/** QEMU's own network: the machine outside, its loopback. */
const outside = `http://10.0.2.2:${process.argv[2] ?? ''}/`;

export async function hand<Name extends AskName>(name: Name, ask: Asks[Name]['ask']): Promise<Asks[Name]['answer']> {
  const response = await fetch(outside, { method: 'POST', body: JSON.stringify([name, ask]) });
  return (await response.json()) as Asks[Name]['answer'];
}
