// Owns the list of models as programs ask for it: the run's own, by the name that was asked for.
import type { Session } from "./session.ts";

/** In one form that holds what both kinds of clients look for. */
export async function listModels({
  url,
  session,
}: {
  readonly url: URL;
  readonly session: Session;
}): Promise<Response> {
  const [, version, asked] = /^\/v1(beta)?\/models\/?(.*)$/.exec(url.pathname) ?? [];
  const { name } = await session.model();
  if (version !== undefined) {
    const model = contentsModel(decodeURIComponent(asked || name));
    return Response.json(asked ? model : { models: [model] });
  }
  const model = modelOf(decodeURIComponent(asked || name));
  if (asked) return Response.json(model);
  const ends = { first_id: name, last_id: name, has_more: false };
  return Response.json({ object: "list", data: [model], ...ends });
}

function modelOf(id: string): object {
  const created_at = "2026-01-01T00:00:00Z";
  const created = Date.parse(created_at) / 1000;
  return {
    id,
    object: "model",
    type: "model",
    display_name: id,
    created,
    created_at,
    owned_by: "gateway",
  };
}

function contentsModel(id: string): object {
  const supportedGenerationMethods = ["generateContent", "countTokens"];
  return { name: `models/${id}`, displayName: id, supportedGenerationMethods };
}
