import { assetEndpoints } from "../resources/assets.ts";
import { courseEndpoints } from "../resources/courses.ts";
import { enrollmentEndpoints } from "../resources/enrollments.ts";
import { lessonEndpoints } from "../resources/lessons.ts";
import { progressEndpoints } from "../resources/progress.ts";
import { serve } from "./split.ts";

export const endpoints = [courseEndpoints, lessonEndpoints, assetEndpoints, enrollmentEndpoints, progressEndpoints];
export const handler = serve("/courses", ...endpoints);
