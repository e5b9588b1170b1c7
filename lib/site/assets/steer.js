// Steering and annotating: the token, and what is asked with it. The token is in no page and no address that a server sees.
(() => {
  const KEY = "tandem-token";
  const store = {
    read: () => {
      try {
        return sessionStorage.getItem(KEY) ?? "";
      } catch {
        return ""; // Storage may be switched off.
      }
    },
    write: (token) => {
      try {
        sessionStorage.setItem(KEY, token);
      } catch {
        // The token then holds for this page only.
      }
    },
  };
  const given = new URLSearchParams(location.hash.slice(1));
  if (given.has("token")) {
    store.write(given.get("token"));
    given.delete("token");
    const rest = given.size === 0 ? "" : `#${given}`;
    history.replaceState(null, "", `${location.pathname}${location.search}${rest}`);
  }

  const form = document.createElement("form");
  form.className = "token";
  form.setAttribute("aria-label", "Steering");
  const label = document.createElement("label");
  const field = document.createElement("input");
  Object.assign(field, { type: "password", autocomplete: "off", value: store.read() });
  field.id = "steer-token";
  label.append("Token to steer ", field);
  const said = document.createElement("output");
  said.id = "steer-said";
  said.setAttribute("role", "status");
  form.append(label, said);
  document.querySelector("header.top").after(form);
  form.addEventListener("submit", (event) => event.preventDefault());
  field.addEventListener("input", () => store.write(field.value.trim()));

  const say = (text, ok) => {
    said.textContent = text;
    said.className = ok ? "v-pass" : "v-fail";
  };
  const post = async (path, body) => {
    const token = field.value.trim();
    if (token === "") {
      say("Paste the token that was printed when the view started.", false);
      field.focus();
      return false;
    }
    try {
      const answer = await fetch(path, {
        method: "POST",
        headers: { "content-type": "application/json", "x-tandem-token": token },
        body: JSON.stringify(body),
      });
      say((await answer.text()).trim(), answer.ok);
      return answer.ok;
    } catch {
      say("The view is not reached: nothing was asked.", false);
      return false;
    }
  };

  document.addEventListener("click", async (event) => {
    const button = event.target.closest?.("button[data-ask], button[data-annotate]");
    if (!button) return;
    const { ask, annotate, confirm: question } = button.dataset;
    if (question !== undefined && !confirm(question)) return;
    if (ask === undefined) return void (await post("/annotate", JSON.parse(annotate)));
    const wanted = JSON.parse(ask);
    const number = button.parentElement.querySelector("input[type=number]");
    if (wanted.do === "concurrency") {
      const value = Number(number.value);
      if (number.value === "" || !number.checkValidity())
        return say("Say how many attempts at a time: a number from 1.", false);
      wanted.concurrency = value;
    }
    if ((await post("/steer", wanted)) && wanted.do === "concurrency") number.value = "";
  });

  document.addEventListener("submit", async (event) => {
    if (event.target.id !== "annotate") return;
    event.preventDefault();
    const { message, label: choice, own, note, by } = event.target.elements;
    const [measure, known] =
      choice.value === "" ? [undefined, undefined] : JSON.parse(choice.value);
    const mine = own.value.trim() === "" ? undefined : own.value.trim();
    const body = {
      attempt_key: event.target.dataset.key,
      message: message.value === "" ? undefined : Number(message.value),
      measure,
      label: measure === undefined ? mine : known,
      note: note.value.trim() === "" ? undefined : note.value,
      by: by.value.trim() === "" ? undefined : by.value.trim(),
    };
    if (measure !== undefined && mine !== undefined)
      return say("Choose a label or write your own, not both.", false);
    if (!(await post("/annotate", body))) return;
    for (const one of [message, choice, own, note]) one.value = "";
  });

  /** Each message leads to the form. */
  const offer = () => {
    const form = document.getElementById("annotate");
    if (form === null) return;
    for (const message of document.querySelectorAll("#main [id^='message-']")) {
      const number = Number(message.id.slice("message-".length));
      if (!Number.isInteger(number)) continue;
      const button = document.createElement("button");
      Object.assign(button, {
        type: "button",
        className: "annotate-this",
        textContent: "Annotate",
      });
      button.setAttribute("aria-label", `Annotate message ${number}`);
      button.addEventListener("click", () => {
        form.elements.message.value = String(number);
        form.scrollIntoView({ block: "center" });
        form.elements.label.focus();
      });
      message.append(button);
    }
  };
  addEventListener("tandem:renewed", offer);
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", offer);
  else offer();
})();
