import type { Journey } from "./open-model.ts";
import type { SignedIn } from "./sign-in.ts";

/** What the journeys visit, discovered at the school, so that any school with one enrolled learner works. */
export interface Ground {
  readonly school: string;
  readonly courseId: string;
  readonly courseSlug: string;
  readonly lessonId: string;
  readonly lessonSlug: string;
}

/** Finds a course the learner is enrolled in, and a lesson of it. */
export async function survey(school: string, { token }: SignedIn): Promise<Ground> {
  const ask = async (path: string): Promise<unknown> => {
    const response = await fetch(`${school}/api/v1${path}`, { headers: { authorization: `Bearer ${token}` } });
    if (!response.ok) throw new Error(`${path} was answered with ${response.status}`);
    return response.json();
  };
  const enrolled = coursesOf(await ask("/dashboard"))[0];
  if (!enrolled) throw new Error("the account of the load test is enrolled in no course");
  const courseId = enrolled.id;
  const course = await ask(`/courses/${courseId}`);
  const lesson = lessonsOf(course)[0];
  const courseSlug = text(course, "slug");
  if (!lesson || !courseSlug) throw new Error("the course of the load test has no lesson");
  return { school, courseId, courseSlug, lessonId: lesson.id, lessonSlug: lesson.slug };
}

/** Returns the three journeys: an anonymous visitor, a learner at a lesson, an application that saves. */
export function journeys(ground: Ground, { cookie, token }: SignedIn): Journey[] {
  const { school, courseId, courseSlug, lessonId, lessonSlug } = ground;
  const bearer = { authorization: `Bearer ${token}` };
  return [
    {
      name: "visitor",
      weight: 5,
      run: async (step) => {
        await step("home", () => get(`${school}/`));
        await step("catalog", () => get(`${school}/courses`));
        await step("course", () => get(`${school}/courses/${courseSlug}`));
      },
    },
    {
      name: "learner",
      weight: 4,
      run: (step) =>
        step("lesson", () => get(`${school}/learn/${courseSlug}/${lessonSlug}`, { cookie }, `/learn/${courseSlug}`)),
    },
    {
      name: "application",
      weight: 1,
      run: async (step) => {
        const address = `${school}/api/v1/courses/${courseId}/progress`;
        await step("progress", () => get(address, bearer, '"percent"'));
        await step("save", async () => {
          const body = JSON.stringify({ lessonId, kind: "opened" });
          const headers = { ...bearer, "content-type": "application/json" };
          await expectOk(await fetch(address, { method: "POST", headers, body, signal: patience() }), '"progress"');
        });
      },
    },
  ];
}

/** Slower requests count as errors. */
const patience = () => AbortSignal.timeout(30_000);

async function get(url: string, headers: Record<string, string> = {}, holds = ""): Promise<void> {
  await expectOk(await fetch(url, { headers, redirect: "manual", signal: patience() }), holds);
}

/** A 200 with the wrong page is an error too. */
async function expectOk(response: Response, holds: string): Promise<void> {
  const body = await response.text();
  if (response.status !== 200) throw new Error(`${response.status} from ${response.url}`);
  if (!body.includes(holds)) throw new Error(`another body than expected from ${response.url}`);
}

const text = (value: unknown, name: string): string | undefined => {
  const found: unknown = typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
  return typeof found === "string" ? found : undefined;
};

function coursesOf(value: unknown): { id: string; slug: string }[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, each]) => (name === "course" ? named([each]) : coursesOf(each)));
}

function lessonsOf(value: unknown): { id: string; slug: string }[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, each]) => {
    if (name !== "lessons" || !Array.isArray(each)) return lessonsOf(each);
    return named(each);
  });
}

function named(values: readonly unknown[]): { id: string; slug: string }[] {
  return values.flatMap((value) => {
    const [id, slug] = [text(value, "id"), text(value, "slug")];
    return id && slug ? [{ id, slug }] : [];
  });
}
