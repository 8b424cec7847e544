// Bugs to plant, one at a time: what the simulation must catch (scripts/mutate).

/**
 * @typedef {object} Mutation
 * @property {string} name
 * @property {string} file
 * @property {string} find stands there exactly once
 * @property {string} replace
 * @property {string} breaks
 */

/** @type {readonly Mutation[]} */
export const mutations = [
  {
    name: 'no-sync',
    file: 'device/journal/writer.ts',
    find: '    this.sync(file);\n    this.size += frame.length;',
    replace: '    this.size += frame.length;',
    breaks: 'records are said to be on the card and are in its cache',
  },
  {
    name: 'no-folder-sync',
    file: 'device/journal/writer.ts',
    find: '    this.sync({ sync: () => this.disk.syncFolder() });\n',
    replace: '',
    breaks: 'a new segment has no durable name',
  },
  {
    name: 'failed-sync-forgiven',
    file: 'device/journal/writer.ts',
    find: '      file.sync();\n    } catch (error) {\n      throw this.fail(error);',
    replace: '      file.sync();\n    } catch (error) {\n      if (error === null) throw this.fail(error);',
    breaks: 'a sync that failed is taken for one that did not',
  },
  {
    name: 'yes-before-append',
    file: 'device/journal/journal.ts',
    find: '      this.waiting.add(waiting);\n',
    replace: '      this.waiting.add(waiting);\n      resolve();\n',
    breaks: 'people are told yes before the card has it',
  },
  {
    name: 'yes-before-durable',
    file: 'device/desk/desk.ts',
    find: '      await durable;\n',
    replace: '      void durable;\n',
    breaks: 'the desk does not wait for the card',
  },
  {
    name: 'tail-not-made-anew',
    file: 'device/journal/recover.ts',
    find: '  if (remake.bytes.length > 0) return putFile(disk, remake.name, remake.bytes);\n',
    replace: '  if (remake.bytes.length > 0) return;\n',
    breaks: 'a torn end stays, and what was read of it may be in the cache only',
  },
  {
    name: 'cut-numbers-reused',
    file: 'device/journal/recover.ts',
    find: 'const next = Math.max(this.seen, cut.lastNumber) + 1;',
    replace: 'const next = this.seen + 1;',
    breaks: 'numbers that were cut away are given again',
  },
  {
    name: 'refusal-not-voided',
    file: 'device/desk/desk.ts',
    find: '    this.ahead = this.durable.copy();\n    for (const records of this.pending) {',
    replace: '    for (const records of this.pending) {',
    breaks: 'decisions build on what the card refused',
  },
  {
    name: 'unknown-is-retry',
    file: 'device/mis/sender.ts',
    find: "      case 'other':\n        return this.reportAll(items, 'lost');",
    replace: "      case 'other':\n        return this.reportAll(items, 'held-back');",
    breaks: 'a write without an answer is sent again at once',
  },
  {
    name: 'settle-time-ignored',
    file: 'device/mis/settle.ts',
    find: '    return this.answered.has(key) || this.onlineSince(',
    replace: '    return true || this.onlineSince(',
    breaks: 'a write in doubt is repeated before it can have landed',
  },
  {
    name: 'hold-ignored',
    file: 'device/domain/outbox.ts',
    find: 'return !isHeld && mark.date',
    replace: 'return (isHeld || !isHeld) && mark.date',
    breaks: 'a mark goes before the pupil can undo it',
  },
  {
    name: 'undo-forgotten',
    file: 'device/domain/ledger.ts',
    find: 'this.change(markKey(pupil, date, session), (mark) => cancelled(mark, ref, by.at));',
    replace: 'this.change(markKey(pupil, date, session), (mark) => (by.n < 0 ? cancelled(mark, ref, by.at) : mark));',
    breaks: 'a movement is undone and its mark is not',
  },
  {
    name: 'claim-not-durable',
    file: 'device/mis/sender.ts',
    find: "    if (bodies.length > 0) await this.ports.commit(bodies);\n    return writes.filter(({ item }) => this.ports.ledger().mark(item.key)?.flight?.phase === 'sending');",
    replace: '    if (bodies.length > 0) void this.ports.commit(bodies);\n    return writes;',
    breaks: 'the write leaves before `sending` is on the card',
  },
  {
    name: 'read-too-old',
    file: 'device/mis/sender.ts',
    find: "    if (this.ports.clock.mono() - readAt > readMaxMs) return this.reportAll(items, 'held-back');\n",
    replace: '',
    breaks: 'a write goes by a read of minutes ago',
  },
  {
    name: 'no-read',
    file: 'device/domain/outbox.ts',
    find: '  if (wish.over === undefined || ours) return answer;',
    replace: "  if (wish.over === undefined || ours) return 'write';",
    breaks: 'what stands in the MIS is read and not heeded',
  },
  {
    name: 'date-of-sending',
    file: 'device/mis/sender.ts',
    find: 'row: { misId, date, session, code,',
    replace: 'row: { misId, date: this.ports.today().date, session, code,',
    breaks: 'a mark of yesterday is written to today',
  },
  {
    name: 'badge-twice',
    file: 'device/desk/returns.ts',
    find: "return departure.endedBy === null ? { is: 'ours', departure } : { is: 'used' };",
    replace: "return departure.endedBy === '' ? { is: 'used' } : { is: 'ours', departure };",
    breaks: 'a badge that was used lets somebody in again',
  },
  {
    name: 'commands-forgotten',
    file: 'device/domain/ledger.ts',
    find: '    this.commands.set(id, { hash, first: record });\n',
    replace: '',
    breaks: 'a tap repeated is carried out again',
  },
  {
    name: 'sum-forgets',
    file: 'device/domain/mark.ts',
    find: "  unknown: 'waiting',",
    replace: '  unknown: null,',
    breaks: 'marks without an answer are left out of the sum',
  },
  {
    name: 'medical-overwritten',
    file: 'device/domain/codes.ts',
    find: "if (ours || standing === 'N') return 'write';",
    replace: "if (ours || standing === 'N' || standing === 'M') return 'write';",
    breaks: 'an M of the school is overwritten',
  },
  {
    name: 'foreign-compensated',
    file: 'device/domain/outbox.ts',
    find: "if (wish.kind === 'restore') return knownAsOurs ? 'write' : 'changed';",
    replace: "if (wish.kind === 'restore') return 'write';",
    breaks: 'an undo puts back over what the school has set since',
  },
  {
    name: 'unsure-time-decides',
    file: 'device/domain/clock-trust.ts',
    find: '  if (span.latest === null) return null;\n  const first',
    replace: '  if (span.latest === null) return read(span.earliest);\n  const first',
    breaks: 'a clock that nobody has set decides marks',
  },
  {
    name: 'wall-clock-order',
    file: 'device/domain/mark-fold.ts',
    find: 'rank(a) - rank(b) || a.decided.n - b.decided.n',
    replace: 'rank(a) - rank(b) || b.decided.at.earliest - a.decided.at.earliest',
    breaks: 'which movement came first is asked of the clock, and the wrong way round',
  },
  {
    name: 'half-answer-believed',
    file: 'device/mis/wonde/client.ts',
    find: '  } catch {\n    return null;\n  }\n}\n\n/** One at a time',
    replace:
      '  } catch {\n    return { ok: true, value: { json: { data: [] }, bytes: 0 } };\n  }\n}\n\n/** One at a time',
    breaks: 'half an answer is an empty register',
  },
  {
    name: 'session-edge',
    file: 'device/domain/school-day.ts',
    find: 'times !== null && local.msOfDay < times.ends * minuteMs',
    replace: 'times !== null && local.msOfDay <= times.ends * minuteMs',
    breaks: 'who comes as the morning ends is in the morning',
  },
  {
    name: 'close-edge',
    file: 'device/domain/school-day.ts',
    find: "return msOfDay < times.closes * minuteMs ? 'open'",
    replace: "return msOfDay <= times.closes * minuteMs ? 'open'",
    breaks: 'who comes as the register closes is in time for it',
  },
  {
    name: 'summer-time-fixed',
    file: 'device/domain/school-day.ts',
    find: "getTimeZoneTransition('next')?.epochMilliseconds ?? Infinity",
    replace: "getTimeZoneTransition('next')?.epochMilliseconds! + 9e9",
    breaks: 'the clocks change and the box does not',
  },
  {
    name: 'minutes-from-opening',
    file: 'device/domain/attendance.ts',
    find: 'Math.floor(msOfDay / 60_000 - times.starts)',
    replace: 'Math.floor(msOfDay / 60_000 - times.opens)',
    breaks: 'minutes late count from the wrong time',
  },
  {
    name: 'writes-while-offline',
    file: 'device/mis/line.ts',
    find: 'said.ok && !said.value.online ? schoolAway : said',
    replace: 'said.ok && said.value.mis === null ? schoolAway : said',
    breaks: 'marks are written while the MIS says that it is away',
  },
  {
    name: 'small-roster-taken',
    file: 'device/mis/roster-keeper.ts',
    find: 'next.pupils.length * 3 <= before.pupils.length * 2',
    replace: 'next.pupils.length * 30 <= before.pupils.length',
    breaks: 'a roster a third smaller replaces the good one',
  },
  {
    name: 'print-not-durable',
    file: 'device/desk/printing.ts',
    find: "if (!(await this.note(ref, attempt, 'started', null))) return false;",
    replace: "void this.note(ref, attempt, 'started', null);",
    breaks: 'a badge prints before the card knows of it',
  },
];
