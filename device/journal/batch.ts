import { FRAME_BYTES, FRAME_RECORDS } from './frame.ts';
import type { AppendRequest, Numbered } from './requests.ts';

/** Commits that go into one frame. */
export class Batch {
  readonly appends: Numbered<AppendRequest>[] = [];
  count = 0;
  private bytes = 1;

  /** Is there room, and do its numbers follow on? */
  takes(append: AppendRequest): boolean {
    const [first] = this.appends;
    return (
      (first === undefined || append.first === first.first + this.count) &&
      // What is recorded of a pupil after that stands under another key.
      this.appends.every(({ destroys }) => destroys.length === 0) &&
      this.count + append.count <= FRAME_RECORDS &&
      this.bytes + append.size + 1 <= FRAME_BYTES
    );
  }

  add(append: Numbered<AppendRequest>): void {
    this.appends.push(append);
    this.count += append.count;
    this.bytes += append.size + 1;
  }
}
