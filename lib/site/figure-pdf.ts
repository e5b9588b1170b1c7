// Owns a drawing as a PDF of one page, its font inside. Keeps pdfkit, svg-to-pdfkit and the font.
import { createRequire } from "node:module";

/** Of a CSS pixel: 1/96 inch in points. */
const POINTS = 0.75;
/** A document says when it was made: the same drawing is the same document. */
const MADE = new Date(0);

/** The bytes of the document; the same for the same drawing. Needs `width` and `height` in pixels on the drawing. */
export async function figurePdf(svg: string, title: string): Promise<Uint8Array> {
  const [{ default: Document }, { default: draw }] = await Promise.all([
    import("pdfkit"),
    import("svg-to-pdfkit"),
  ]);
  const size = (name: string) =>
    POINTS * Number(new RegExp(` ${name}="([\\d.]+)"`).exec(svg)?.[1] ?? 0);
  const [width, height] = [size("width"), size("height")];
  const info = {
    Title: title,
    Creator: "Tandem",
    Producer: "Tandem",
    CreationDate: MADE,
    ModDate: MADE,
  };
  const document = new Document({ size: [width, height], margin: 0, info });
  const chunks: Uint8Array[] = [];
  document.on("data", (chunk: Uint8Array) => void chunks.push(chunk));
  const ended = new Promise<void>((resolve, reject) => {
    document.on("end", resolve);
    document.on("error", reject);
  });
  const files = createRequire(import.meta.url);
  document.registerFont("regular", files.resolve("dejavu-fonts-ttf/ttf/DejaVuSans.ttf"));
  document.registerFont("bold", files.resolve("dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf"));
  draw(document, svg, 0, 0, {
    width,
    height,
    fontCallback: (_, bold) => (bold ? "bold" : "regular"),
  });
  document.end();
  await ended;
  return Buffer.concat(chunks);
}
