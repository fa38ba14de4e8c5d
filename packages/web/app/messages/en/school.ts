import { translator } from "../index.ts";

/** Messages of a school's public pages: home, catalog, course, teach, certificate. */
export const school = translator({
  browse: "Browse all courses",
  newest: "Newest courses",
  goOn: "Go on learning",
  noCoursesTitle: "The first course is being written",
  noCoursesVisitor: "Nothing has been published here yet. Come back soon.",
  noCoursesStaff:
    "Import a folder of Markdown or a Common Cartridge, or start from an empty page. Learners see it once you publish.",
  toStudio: "Open the studio",

  catalogTitle: "Courses",
  searchLabel: "Search courses",
  searchPlaceholder: "Title, topic, lesson title or a word from the summary",
  searchButton: "Search",
  category: "Category",
  allCategories: "All topics",
  level: "Level",
  allLevels: "Any level",
  levelAny: "For everyone",
  levelBeginner: "Beginner",
  levelIntermediate: "Intermediate",
  levelAdvanced: "Advanced",
  count: "{count|# course|# courses}",
  countFor: "{count|# course|# courses} for “{q}”",
  didYouMean: "No results for “{typed}”. Showing results for “{meant}”.",
  nothingTitle: "Nothing matches",
  nothingBody: "The search covers titles and descriptions, not the text of lessons. Try fewer or shorter words.",
  clearSearch: "See all courses",

  lessons: "{count|# lesson|# lessons}",
  free: "Free",
  taughtBy: "Taught by {names}",
  outcomesTitle: "What you will be able to do",
  syllabusTitle: "What is inside",
  aboutTitle: "About this course",
  moduleFacts: "{count|# lesson|# lessons}, {time}",
  preview: "Read for free",
  draft: "Draft",
  enroll: "Enroll for free",
  enrollMember: "A member already?",
  enrollSignIn: "Sign in to enroll",
  enrollClosed: "You are signed in, but “{title}” is not open to new learners now.",
  enrollNote: "Free. You can leave whenever you like; your progress is kept.",
  start: "Start the course",
  resume: "Continue",
  completed: "You have completed this course",
  edit: "Edit course",
  enrolled: "You are enrolled. This is the first lesson.",
  enrolledAgain: "You are enrolled again. Continue where you stopped.",
  notPublished: "Only you and the other people who make this course see this page: it is not published.",
  courseGoneTitle: "This course is not here",
  courseGoneBody: "It may have been moved, renamed or taken down. What you learned in it is kept.",

  teachTitle: "Teach at {school}",
  teachLead:
    "Instructors import or write courses, publish them, and see how far each learner has come. Someone at the school reads every request.",
  teachMessage: "What would you like to teach?",
  teachHelp: "A few sentences: the subject, for whom, and what you have taught before.",
  teachSubmit: "Send request",
  teachSent: "Your request is sent. You will get a mail when it is answered.",
  teachPending: "Your request is waiting for an answer",
  teachPendingBody: "Sent {when}. You will get a mail and a notification when someone at the school has read it.",
  teachDeclined: "Your last request was declined. You may ask again.",
  teachClosed: "This school takes no requests to teach",
  teachClosedBody: "The school invites the people who teach here.",
  teachAlready: "You can teach here already",
  teachAlreadyBody: "The studio is where your courses are made.",
  teachSignIn: "Sign in to send a request",
  teachVisitor: "You need an account at this school first. It takes a minute.",
});

export const levelWord = (level: "any" | "beginner" | "intermediate" | "advanced"): string =>
  school(
    (
      {
        any: "levelAny",
        beginner: "levelBeginner",
        intermediate: "levelIntermediate",
        advanced: "levelAdvanced",
      } as const
    )[level],
  );
