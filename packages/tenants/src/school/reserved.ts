/** Slugs that belong to the platform, or that a visitor would expect to. */
export const reservedSlugs: ReadonlySet<string> = new Set(
  `about abuse access account accounts admin administrator admins ads alert alerts analytics api apis app apps
  asset assets auth authorize autoconfig autodiscover backup billing blog board brand broadcasthost
  business calendar careers cdn certificate certificates chat checkout client cloud cms code community config
  connect console contact content control copyright core course courses customer cookie dashboard data db
  default delete deploy design dev developer developers directory dns doc docs domain domains download downloads
  edge edu email embed enterprise error errors events example exams faq feed feedback files finance find-my-school
  forgot forum ftp gateway git graphql health help helpdesk host hosting hostmaster http
  https id identity image images imap img inbox info infra internal invite invoice invoices issuer jobs join js key keys
  lambda lectern legal library license live load local localhost log login logout logs mail mailer mailer-daemon
  main manage manager marketing master me media message messages meta metrics mobile moderator monitor
  mx my name news newsletter nobody noc noreply no-reply ns ns1 ns2 ns3 ns4 null oauth office official ops operator
  origin owner pages panel partner partners password pay payment payments ping platform play plugin policy pop pop3
  portal postmaster press preview pricing privacy private prod production profile proxy public queue recover register
  registration reset root router rss s3 sales sandbox saml schools search secure security server service services
  session sessions setting settings setup shop sign-in sign-out sign-up signin signout signup site sitemap smtp sso ssl
  stage staging stat static statistics stats status storage store stripe studio subdomain subscribe sudo super
  superadmin support sync sysadmin system systems teach telemetry template tenant tenants terms   tls token tokens tools trust undefined update upload uploads user users usenet uucp verify video videos vpn
  web webhook webhooks webmail webmaster website welcome wiki worker www www1 www2 www3 wwww you your`.split(/\s+/),
);
