import { createId } from "@lectern/core/kernel/id";
import { Migration } from "@lectern/tenants/migration";
import { Provision } from "@lectern/tenants/provision";
import type { Line } from "../run.ts";
import { median, plainClient, round, theCell, timed } from "./parts.ts";

const schools = 40;
const rounds = 5;

/** Measures schools per second of the warm pool's refill, compared with running the same DDL school by school. */
export async function provision(emit: (line: Line) => void): Promise<void> {
  const cell = await theCell();
  const byHand = plainClient(cell, "lectern_provisioner");
  const text = Migration.migrationFiles("school").map((file) => file.text);
  const baselineRound = async () => {
    for (let i = 0; i < schools; i++) {
      const role = `"${Provision.schemaOf(createId("school"))}"`;
      await byHand.unsafe(`begin;
        create role ${role} nologin; grant ${role} to lectern_app with inherit false, set true, admin false;
        set local role lectern_owner; create schema ${role}; grant usage on schema ${role} to ${role};
        set local search_path = ${role}, ext; ${text.join("\n").replaceAll('"$school"', role)}; commit`);
    }
  };
  let target = 10;
  const oursRound = async () => {
    target += schools;
    const { made } = await Provision.refill({ target });
    if (made !== schools) throw new Error(`${made} schools in place of ${schools}`);
  };
  await Provision.refill({ target });
  const ours: number[] = [];
  const baseline: number[] = [];
  for (let i = 0; i < rounds; i++) {
    baseline.push(schools / ((await timed(baselineRound)) / 1000));
    ours.push(schools / ((await timed(oursRound)) / 1000));
  }
  await byHand.end();
  emit({
    metric: "tenancy.provision",
    value: round(median(ours)),
    unit: "schools/s",
    baseline: "the same DDL by hand, one school a transaction",
    baselineValue: round(median(baseline)),
    ratio: round(median(ours) / median(baseline)),
    aim: "ratio >= 0.7",
    schools: schools * rounds,
  });
}
