import {
  BatchGetCommand,
  BatchWriteCommand,
  DeleteCommand,
  GetCommand,
  PutCommand,
  QueryCommand,
  ScanCommand,
  TransactGetCommand,
  TransactWriteCommand,
  UpdateCommand,
} from "@aws-sdk/lib-dynamodb";

const commands = {
  ...{ BatchGetCommand, BatchWriteCommand, DeleteCommand, GetCommand, PutCommand, QueryCommand, ScanCommand },
  ...{ TransactGetCommand, TransactWriteCommand, UpdateCommand },
};
const name = Symbol.for("lectern.electrodb-commands");
const shared = globalThis as { [name]?: Partial<typeof commands> };

/** Gives ElectroDB the commands that it sends; packages/core/electrodb-commands says why it does not bring them itself. */
export function giveCommands(): void {
  shared[name] ??= {};
  Object.assign(shared[name], commands);
}
