import { harbour, lumen } from "./schools.ts";
import { type SeededSchool, seedSchool } from "./seed.ts";

interface Context {
  /** Told what is being made. */
  readonly log: (line: string) => void;
}

/** One school, one login per role, one course: what an empty data directory begins with. Under five seconds. */
export const seedSmall = async ({ log }: Context): Promise<{ schools: SeededSchool[] }> => ({
  schools: [await seedSchool(harbour, { courses: 1, learners: 0 }, log)],
});

/** Two schools with their own brands, real courses, instructors, and 200 learners on their way. */
export const seedFull = async ({ log }: Context): Promise<{ schools: SeededSchool[] }> => ({
  schools: [
    await seedSchool(harbour, { courses: 3, learners: 140 }, log),
    await seedSchool(lumen, { courses: 2, learners: 60 }, log),
  ],
});
