import { harbour, lumen } from "./schools.ts";
import { type SeededSchool, seedSchool } from "./seed.ts";

interface Context {
  readonly log: (line: string) => void;
}

/** Seeds one school, one login per role and one course, for an empty data directory. Takes less than five seconds. */
export const seedSmall = async ({ log }: Context): Promise<{ schools: SeededSchool[] }> => ({
  schools: [await seedSchool(harbour, { courses: 1, learners: 0 }, log)],
});

/** Seeds two branded schools with real courses, instructors and 200 learners with progress. */
export const seedFull = async ({ log }: Context): Promise<{ schools: SeededSchool[] }> => ({
  schools: [
    await seedSchool(harbour, { courses: 3, learners: 140 }, log),
    await seedSchool(lumen, { courses: 2, learners: 60 }, log),
  ],
});
