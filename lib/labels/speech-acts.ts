// Owns what a message does, by rules: it asks, answers, plans, reports work done or under way, or acknowledges. Pure.

/** In the order of precedence: a message that does several of these is the first of them. */
export const SPEECH_ACTS = ["question", "answer", "plan", "update", "acknowledgement"] as const;
/** `other`: none of the rules holds. */
export type SpeechAct = (typeof SPEECH_ACTS)[number] | "other";

/** What the text alone does not show: whether the reader's question is open when the message is sent. */
export type Situation = { readonly question_open: boolean };

const LABELS: readonly (readonly [SpeechAct, (of: Read) => boolean])[] = [
  ["question", ({ sentences }) => sentences.some(asks)],
  ["answer", (of) => answers(of)],
  ["plan", ({ sentences }) => sentences.some(plans)],
  ["update", ({ sentences }) => sentences.some(tells)],
  ["acknowledgement", ({ sentences }) => sentences.some(acknowledges)],
];

type Read = Situation & { readonly sentences: readonly string[] };

/**
 * The label of a message. The rules, each over the message's sentences without code, addresses and quoted lines:
 *
 * - question: a sentence ends in `?`, begins with `Question:`, or asks without the sign ("could you …", "please confirm
 *   …", "let me know which …");
 * - answer: the reader's question lies open, and the message does not say of itself that it is something else
 *   (`Update: …`); or it says that it answers ("to your question: …"). Source: adjacency pairs, Schegloff and Sacks
 *   1973, Semiotica 8:289 (the first reply to a question answers it, whatever its form);
 * - plan: what the writer will do or leave alone, or who has what ("I'll …", "Plan: …", "let's …", "I only edit …", "the
 *   rest is yours");
 * - update: what was done, is being done, or how it stands ("Done: …", "I've added …", "tests pass");
 * - acknowledgement: a sentence begins with thanks or assent ("got it", "sounds good", "ok").
 *
 * The labels and their order are those of CooperBench, arXiv 2601.13295; the rules are ours. English only.
 */
export function speechAct(text: string, situation: Situation): SpeechAct {
  const of = { ...situation, sentences: sentencesOf(text) };
  return LABELS.find(([, holds]) => holds(of))?.[0] ?? "other";
}

/** Whether a message holds a plan, whatever else it does before that. */
export function holdsPlan(text: string): boolean {
  return sentencesOf(text).some(plans);
}

function sentencesOf(text: string): string[] {
  const prose = text
    .replaceAll(/```(?:.|\n)*?(?:```|$)/g, "\n")
    .replaceAll(/`[^`\n]*`/g, "code")
    .replaceAll(/\bhttps?:\/\/\S+/gi, "address")
    .replaceAll(/^[ \t]*>.*$/gm, "")
    .replaceAll(/[’‘]/g, "'")
    .replaceAll(/[*_#]{2,}/g, "");
  return prose
    .split(/\n+|(?<=[.!?;:][)"'\]]?)\s+/)
    .map((sentence) => sentence.replace(/^[\s\-–•*(]+|^\d{1,2}[.)]\s+/, "").trim())
    .filter((sentence) => sentence !== "");
}

const ASKS = [
  /[^\s?]\?[?!]{0,9}[)"'\]*_]{0,3}$/,
  /^(?:open )?questions?\b.{0,30}:/i,
  /^(?:please |pls |also |and |so ){0,2}(?:can|could|would|will|do|did|are|have) you\b/i,
  /^(?:can|could|shall|may|should) (?:we|i)\b/i,
  /^(?:what|which|where|when|who|why|how)\b.{0,40}\b(?:do|does|did|should|will|would|can|could) (?:you|we|i|your|it|the)\b/i,
  /\bplease (?:confirm|clarify|advise|tell me|answer)\b/i,
  /\b(?:let me know|tell me) (?:which|what|whether|where|how|when|who|why|your)\b/i,
];

const OWN_NAME = /^(?:update|status|progress|fyi|plan|proposal|heads[- ]?up)\b.{0,80}:/i;
const ANSWERS = [
  /^(?:answers?|a\d|re)\b.{0,30}:/i,
  /\b(?:to answer|answering|in answer to|in reply to|as for|regarding|about|re|on|to) your (?:[\w']+ ){0,2}questions?\b/i,
  /\byou (?:asked|wanted to know)\b/i,
];

/** What "I" do in the simple present is announced, not reported: "I add one export", "I only touch the parser". */
const ANNOUNCED =
  "add|build|change|convert|create|do|edit|export|extend|handle|implement|insert|keep|leave|make|modify|move|own|put|refactor|remove|rename|replace|split|start|stay|take|touch|work|write";
const PLANS = [
  /^(?:my |the |our |current |proposed |rough )?(?:plan|proposal|approach|next steps?|division of (?:work|labou?r))\b(?!.{0,60}\b(?:works|fits|is fine|sounds|looks)\b)/i,
  /\bi(?:'ll| will|'m going to| am going to|'m about to| am about to|'m planning to| am planning to)\b(?! (?:let you know|keep you (?:posted|updated|informed)|get back|ping you|report back|wait)\b)/i,
  /\bwe(?:'ll| will| should| could)\b/i,
  /\bi (?:plan|intend|aim|propose|suggest|would suggest|want|would like|'d like|prefer|expect) (?:to|that|we|you|:)/i,
  /\bi(?:'d| would) (?:like to|suggest|propose|prefer)\b/i,
  /\blet(?:'s| us)\b|\blet me (?!know\b)/i,
  new RegExp(
    `\\bi (?:(?:only|also|just|then|first|next|now|do not|don't|will not|won't) )?(?:${ANNOUNCED})\\b`,
    "i",
  ),
  /\b(?:is|are|stays?|remains?) (?:all )?(?:yours|mine)\b/i,
  /\byou (?:can |could |should )?(?:take|own|handle|keep|have) .{1,80}\bi\b/i,
];

const DONE =
  "added|available|complete|completed|committed|done|finished|fixed|gone|green|implemented|in place|merged|passing|pushed|ready|renamed|submitted|updated|written";
const MADE =
  "begun|built|did|done|found|gone|got|kept|left|made|put|ran|run|seen|set|split|taken|took|wrote|written";
const TELLS = [
  /^(?:update|status|progress|fyi|heads[- ]?up)\b/i,
  new RegExp(
    `^(?:all |just |now |also |already )?(?:${DONE}|changed|moved|removed|tests?)\\b`,
    "i",
  ),
  new RegExp(
    `\\bi(?:'ve| have)? (?:(?:now|just|already|also|only|not) )?(?:(?!need|feed|proceed|exceed|succeed)[a-z]{2,}ed|${MADE})\\b`,
    "i",
  ),
  /\bi(?:'m| am) (?:(?:now|currently|still|also|done|just) )*(?:done|finished|[a-z]{2,}ing)\b(?! to\b)/i,
  new RegExp(
    `\\b(?:is|are|was|were|has been|have been) (?:(?:now|all|already|both|fully) )*(?:${DONE})\\b`,
    "i",
  ),
  /\b(?:tests?|suites?|build|everything|it|all) (?:(?:now|all|still|does not|doesn't|do not|don't) )*(?:pass|passes|passed|fail|fails|failed|works?|merges?|compiles?)\b/i,
  /\b(?:currently|so far|at the moment|in progress)\b/i,
];

const ASSENT =
  /^(?:ack(?:nowledged)?|agreed|all good|alright|awesome|confirmed|cool|excellent|fine|good|got (?:it|that|your)|great|happy to|makes sense|nice|no (?:problem|worries|objections?)|noted|np|ok|okay|perfect|received|right|roger|sounds (?:good|great|fine|right|like a plan)|sure|thank|thanks|thank you|that (?:works|fits|suits)|thx|understood|will do|works for me|yep|yes|👍|👌|✅)(?![\w'-])/iu;

function asks(sentence: string): boolean {
  return ASKS.some((pattern) => pattern.test(sentence));
}

function answers({ sentences, question_open }: Read): boolean {
  if (sentences.some((sentence) => ANSWERS.some((pattern) => pattern.test(sentence)))) return true;
  return question_open && sentences.length > 0 && !OWN_NAME.test(sentences[0] ?? "");
}

function plans(sentence: string): boolean {
  return PLANS.some((pattern) => pattern.test(sentence));
}

function tells(sentence: string): boolean {
  return TELLS.some((pattern) => pattern.test(sentence));
}

function acknowledges(sentence: string): boolean {
  return ASSENT.test(sentence);
}
