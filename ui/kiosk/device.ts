/** The calls of the kiosk's wire as plain values, so that the visit's rules can name them without a socket. */
import type { Ack, Command, Result } from '../../device/contract/result.ts';
import type { DeviceToKiosk, KioskToDevice } from '../../device/contract/kiosk.ts';
import type { Socket } from 'socket.io-client';

export type KioskSocket = Socket<DeviceToKiosk, KioskToDevice>;
type Name = Exclude<keyof KioskToDevice, 'hello'>;
type Sent<K extends Name> = Parameters<KioskToDevice[K]>[0];
type Input<K extends Name> = Sent<K> extends Command<infer T> ? T : Sent<K>;
type Answer<K extends Name> = Parameters<KioskToDevice[K]>[1] extends Ack<infer T> ? T : never;

export type Call = { [K in Name]: { readonly name: K; readonly input: Input<K> } }[Name];
export type Reply = { [K in Name]: { readonly name: K; readonly result: Result<Answer<K>> } }[Name];

/** How a command was made: its id, its age, and the run that the page had seen then. */
export type Made = Omit<Command<unknown>, 'input'>;

/**
 * One try. Rejects when the device goes away, or is
 * silent for `limits.commandTimeoutMs` (the socket's `ackTimeout`).
 */
export async function emit(socket: KioskSocket, call: Call, made: Made): Promise<Reply> {
  switch (call.name) {
    case 'names':
      return { name: call.name, result: await socket.emitWithAck('names', call.input) };
    case 'choose':
      return { name: call.name, result: await socket.emitWithAck('choose', call.input) };
    case 'photo':
      return { name: call.name, result: await socket.emitWithAck('photo', call.input) };
    case 'look':
      return { name: call.name, result: await socket.emitWithAck('look', call.input) };
    case 'end':
      return { name: call.name, result: await socket.emitWithAck('end', call.input) };
    case 'staff':
      return { name: call.name, result: await socket.emitWithAck('staff', call.input) };
    case 'late':
      return { name: call.name, result: await socket.emitWithAck('late', { ...made, input: call.input }) };
    case 'undo':
      return { name: call.name, result: await socket.emitWithAck('undo', { ...made, input: call.input }) };
    case 'early':
      return { name: call.name, result: await socket.emitWithAck('early', { ...made, input: call.input }) };
    case 'return':
      return { name: call.name, result: await socket.emitWithAck('return', { ...made, input: call.input }) };
    case 'note':
      return { name: call.name, result: await socket.emitWithAck('note', { ...made, input: call.input }) };
    case 'staffAct':
      return { name: call.name, result: await socket.emitWithAck('staffAct', { ...made, input: call.input }) };
  }
}

/** What the visit is told when the device never answered; it may or may not have acted. */
export function noAnswer(call: Call): Reply {
  return { name: call.name, result: { ok: false, error: { code: 'internal', detail: 'no answer' } } };
}
