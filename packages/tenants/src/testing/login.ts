import { Directory } from "@lectern/core/kernel/directory";
import { Secrets } from "@lectern/core/kernel/secret";
import postgres, { type Sql } from "postgres";
import { Resource } from "sst";

const passwords = {
  lectern_app: async () => Resource.LocalCloud?.passwords.lectern_app ?? "",
  lectern_platform: async () => Resource.LocalCloud?.passwords.lectern_platform ?? "",
  lectern_migrator: () => Secrets.get("DatabaseMigratorPassword"),
  lectern_provisioner: () => Secrets.get("DatabaseProvisionerPassword"),
};

/** Returns a plain connection as one of the cell's logins, to test its rights. The caller ends it. */
export async function login(role: keyof typeof passwords, cellId: string): Promise<Sql> {
  const cell = await Directory.cell(cellId);
  if (!cell) throw new Error(`there is no cell ${cellId}`);
  return postgres({
    ...cell.database,
    username: role,
    password: passwords[role],
    max: 1,
    fetch_types: false,
    onnotice: () => {},
  });
}
