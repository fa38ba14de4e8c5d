import type { Role } from "@lectern/core/kernel/permission";
import type { School } from "@lectern/tenants/school";

/** Password of every demo login. `core/identity` refuses it outside local stages. */
export { demoPassword } from "@lectern/core/people/identity";

export interface DemoCourse {
  /** File name in ./courses. */
  readonly file: string;
  readonly category: string;
  readonly level: "beginner" | "intermediate" | "advanced";
  readonly summary: string;
  readonly outcomes: readonly string[];
  /** Email name of the staff member who teaches it. */
  readonly teacher: string;
  /** Share of the learners who take it, 0 to 1. */
  readonly share: number;
}

export interface DemoStaff {
  readonly name: string;
  readonly givenName: string;
  readonly familyName: string;
  readonly role: Role;
}

export interface DemoSchool {
  readonly slug: string;
  readonly name: string;
  readonly zone: string;
  readonly brand: Parameters<typeof School.setBrand>[0];
  readonly domain: string;
  /** One login per role; the first is the owner. */
  readonly staff: readonly DemoStaff[];
  readonly categories: readonly string[];
  readonly courses: readonly DemoCourse[];
}

export const harbour: DemoSchool = {
  slug: "harbour",
  name: "Harbour Institute of Technology",
  zone: "Europe/Stockholm",
  brand: {
    accent: "#0e6b7c",
    font: "instrument-sans",
    radius: "soft",
    tagline: "Learn the web by building something people use.",
  },
  domain: "harbour.example",
  staff: [
    { name: "owner", givenName: "Mara", familyName: "Lindqvist", role: "owner" },
    { name: "admin", givenName: "Tobias", familyName: "Ferreira", role: "admin" },
    { name: "instructor", givenName: "Nadia", familyName: "Brandt", role: "instructor" },
    { name: "instructor2", givenName: "Kofi", familyName: "Asante", role: "instructor" },
    { name: "assistant", givenName: "Elif", familyName: "Kaya", role: "assistant" },
    { name: "moderator", givenName: "Piotr", familyName: "Zieliński", role: "moderator" },
    { name: "billing", givenName: "Grace", familyName: "Mwangi", role: "billing" },
    { name: "learner", givenName: "Sam", familyName: "Whitfield", role: "learner" },
  ],
  categories: ["Web development", "Cloud computing", "Devices"],
  courses: [
    {
      file: "web-development",
      category: "Web development",
      level: "beginner",
      summary:
        "Build a site that works for everyone, understand what the browser does with it, and put it in front of people.",
      outcomes: [
        "Write HTML that means something and CSS that holds on any screen",
        "Explain a request, handle a form, and add JavaScript that helps",
        "Keep data, test what matters, and publish with confidence",
      ],
      teacher: "instructor",
      share: 0.62,
    },
    {
      file: "cloud-computing",
      category: "Cloud computing",
      level: "intermediate",
      summary: "What you rent when you rent a cloud, how to build on it so that it survives, and what it costs.",
      outcomes: [
        "Choose what to rent and say how it fails",
        "Connect parts without losing anything",
        "Predict the bill",
      ],
      teacher: "instructor2",
      share: 0.4,
    },
    {
      file: "iot-for-beginners",
      category: "Devices",
      level: "beginner",
      summary: "From a blinking light to a smart farm: sensors, the cloud and everything between, in twelve weeks.",
      outcomes: [
        "Read sensors and drive actuators",
        "Connect devices to the cloud safely",
        "Follow a product from farm to table",
      ],
      teacher: "instructor",
      share: 0.3,
    },
  ],
};

export const lumen: DemoSchool = {
  slug: "lumen",
  name: "Lumen Academy",
  zone: "America/New_York",
  brand: { accent: "#b4441f", font: "newsreader", radius: "sharp", tagline: "Teaching that everyone can follow." },
  domain: "lumen.example",
  staff: [
    { name: "owner", givenName: "Beatriz", familyName: "Salgado", role: "owner" },
    { name: "admin", givenName: "Henrik", familyName: "Aalto", role: "admin" },
    { name: "instructor", givenName: "Marcus", familyName: "Ellery", role: "instructor" },
    { name: "learner", givenName: "June", familyName: "Park", role: "learner" },
  ],
  categories: ["Accessibility", "Devices"],
  courses: [
    {
      file: "accessible-courses.imscc",
      category: "Accessibility",
      level: "beginner",
      summary: "A workshop on course material that every learner can use.",
      outcomes: ["Find what shuts people out", "Mend documents, pages and media"],
      teacher: "instructor",
      share: 0.8,
    },
    {
      file: "iot-for-beginners",
      category: "Devices",
      level: "beginner",
      summary: "Sensors, the cloud and everything between, in small steps.",
      outcomes: ["Read sensors and drive actuators", "Connect devices to the cloud safely"],
      teacher: "instructor",
      share: 0.35,
    },
  ],
};
