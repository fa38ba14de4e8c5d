import { Form, Link } from "@remix-run/react";
import type { ReactNode } from "react";
import { Button, buttonClass, Icon } from "../components/ui/index.ts";
import { platform } from "../messages/en/platform.ts";
import coursePicture from "./course.webp";
import { BrandSample, CertificateSample, LessonSample, ProgressSample, ReportSample } from "./samples.tsx";

export function PlatformHome() {
  return (
    <>
      <section className="grid items-center gap-x-16 gap-y-12 py-10 md:py-16 lg:grid-cols-[minmax(0,1fr)_minmax(0,27rem)]">
        <div>
          <h1 className="font-read text-4xl font-medium tracking-tight md:text-display">{platform("heroTitle")}</h1>
          <p className="mt-6 max-w-xl text-lg text-soft md:text-xl">{platform("heroLead")}</p>
          <OpenForm id="hero-name" />
          <p className="mt-3 text-sm text-muted">{platform("heroNote")}</p>
        </div>
        <LessonSample />
      </section>
      <div className="border-t border-line">
        <Row title={platform("bringTitle")} body={platform("bringBody")} sample={<ReportSample />} />
        <Row title={platform("progressTitle")} body={platform("progressBody")} sample={<ProgressSample />} />
        <Row title={platform("certificateTitle")} body={platform("certificateBody")} sample={<CertificateSample />} />
        <Row title={platform("brandTitle")} body={platform("brandBody")} sample={<BrandSample />} />
      </div>
      <figure className="grid gap-4 border-t border-line py-14">
        <h2 className="font-read text-2xl font-medium md:text-3xl">{platform("pictureTitle")}</h2>
        <img
          src={coursePicture}
          alt={platform("pictureAlt")}
          width={1200}
          height={760}
          loading="lazy"
          decoding="async"
          className="h-auto w-full rounded-m border border-line-strong"
        />
        <figcaption className="text-sm text-muted">{platform("pictureNote")}</figcaption>
      </figure>
      <div className="grid gap-x-16 gap-y-10 border-t border-line py-14 md:grid-cols-2">
        <Plain title={platform("yoursTitle")}>{platform("yoursBody")}</Plain>
        <Plain title={platform("everyoneTitle")}>{platform("everyoneBody")}</Plain>
      </div>
      <section className="border-t border-line pt-16">
        <h2 className="max-w-2xl font-read text-3xl font-medium md:text-4xl">{platform("endTitle")}</h2>
        <Link to="/sign-up" className={buttonClass("primary", "large", "mt-8")}>
          {platform("open")}
          <Icon name="next" />
        </Link>
      </section>
    </>
  );
}

function OpenForm({ id }: { id: string }) {
  return (
    <Form action="/sign-up" className="mt-8 grid max-w-xl gap-1.5">
      <label htmlFor={id} className="text-ui font-medium">
        {platform("nameLabel")}
      </label>
      <div className="flex flex-wrap gap-2">
        <input
          id={id}
          name="name"
          autoComplete="organization"
          className="field-box min-w-0 flex-1 basis-56"
          maxLength={80}
        />
        <Button type="submit" className="max-sm:w-full">
          {platform("open")}
        </Button>
      </div>
    </Form>
  );
}

function Row({ title, body, sample }: { title: string; body: string; sample: ReactNode }) {
  return (
    <section className="grid items-center gap-x-16 gap-y-8 border-b border-line py-14 last:border-0 md:grid-cols-2 md:py-20">
      <div>
        <h2 className="font-read text-2xl font-medium md:text-3xl">{title}</h2>
        <p className="mt-4 max-w-md text-md text-soft">{body}</p>
      </div>
      {sample}
    </section>
  );
}

function Plain({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section>
      <h2 className="text-lg font-semibold">{title}</h2>
      <p className="mt-2 max-w-md text-md text-soft">{children}</p>
    </section>
  );
}
