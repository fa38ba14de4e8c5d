import { useRevalidator } from "@remix-run/react";
import { type ReactNode, useEffect } from "react";
import { ButtonLink, Progress } from "../components/ui/index.ts";

const everyMs = 800;

/**
 * How far a job is (core/kernel/job), while it is queued or running: the page reads itself again until the job ends. Without
 * scripts, the link does.
 */
export function JobProgress(props: { percent: number; label: string; refresh: string; children: ReactNode }) {
  const { revalidate, state } = useRevalidator();
  useEffect(() => {
    if (state !== "idle") return;
    const timer = setTimeout(revalidate, everyMs);
    return () => clearTimeout(timer);
  }, [state, revalidate]);
  return (
    <div className="grid max-w-lg gap-3" role="status">
      <Progress percent={props.percent} label={props.label} />
      <p className="text-soft">{props.children}</p>
      <p>
        <ButtonLink to="" variant="secondary" size="small">
          {props.refresh}
        </ButtonLink>
      </p>
    </div>
  );
}
