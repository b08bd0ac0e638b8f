import { useEffect } from "preact/hooks";
import { useModels } from "../../api/models.ts";
import { may } from "../../app/session.ts";
import { language } from "../../i18n/language.ts";
import { CheckField, Field, SelectField } from "../../ui/field.tsx";
import { change, type Options, options } from "./options.ts";
import { languages } from "../../i18n/languages.ts";
import { t } from "./words.ts";

const keepDays = [1, 7, 30, 90, 365];

function keepChoices(): [string, string][] {
  const choices = keepDays.map((days): [string, string] => [String(days), t.count("keep", days)]);
  return [["", t("keep_default")], ...choices, ["0", t("keep_ever")]];
}

interface FieldsProps {
  now: Options;
  change: (part: Partial<Options>) => void;
}

/** Nothing where there is nothing to choose. */
function ModelField({ now: { model }, change }: FieldsProps) {
  const models = useModels();
  const names = (models.data ?? []).filter((each) => each.owned_by === "katip").map(({ id }) => id);
  useEffect(() => {
    // One that was remembered and is gone would be refused.
    if (models.data && model && !names.includes(model)) change({ model: "" });
  }, [models.data]);
  if (names.length < 2 && !model) return null;
  const choices = names.map((name): [string, string] => [name, name]);
  return (
    <SelectField
      label={t("option_model")}
      hint={t("option_model_hint")}
      value={model}
      options={[["", t("model_served")], ...choices]}
      onChoose={(value) => change({ model: value })}
    />
  );
}

/** Before everybody else's recordings is for those who operate. */
function PriorityField({ now: { priority }, change }: FieldsProps) {
  const isOperator = may("operate");
  useEffect(() => {
    // Remembered from somebody who may, it would be refused.
    if (!isOperator && priority === "9") change({ priority: "" });
  }, [isOperator, priority]);
  const first: [string, string][] = isOperator ? [["9", t("priority_high")]] : [];
  return (
    <SelectField
      label={t("option_priority")}
      value={priority}
      options={[["", t("priority_normal")], ...first, ["2", t("priority_low")]]}
      onChoose={(value) => change({ priority: value })}
    />
  );
}

/** Everything that can be chosen about a transcription. */
export function OptionFields({ now, change }: FieldsProps) {
  void language.value; // The names of languages follow it.
  return (
    <>
      <ModelField now={now} change={change} />
      <SelectField
        label={t("option_language")}
        value={now.language}
        options={[["", t("detect")], ...languages()]}
        onChoose={(value) => change({ language: value })}
      />
      <SelectField
        label={t("option_beam")}
        value={now.beam}
        options={[["", t("beam_usual")], ["1", t("beam_quick")], ["5", t("beam_careful")]]}
        onChoose={(value) => change({ beam: value })}
      />
      <CheckField
        label={t("option_translate")}
        isChecked={now.isTranslated}
        onChange={(isTranslated) => change({ isTranslated })}
      />
      <CheckField
        label={t("option_words")}
        hint={t("option_words_hint")}
        isChecked={now.hasWordTimes}
        onChange={(hasWordTimes) => change({ hasWordTimes })}
      />
      <CheckField
        label={t("option_separate")}
        hint={t("option_separate_hint")}
        isChecked={now.isSeparate}
        onChange={(isSeparate) => change({ isSeparate })}
      />
      <Field label={t("option_keywords")} hint={t("option_keywords_hint")}>
        {(id, note) => (
          <textarea
            id={id}
            rows={2}
            aria-describedby={note}
            value={now.keywords}
            onInput={(event) => change({ keywords: event.currentTarget.value })}
          />
        )}
      </Field>
      <Field label={t("option_prompt")} hint={t("option_prompt_hint")}>
        {(id, note) => (
          <textarea
            id={id}
            rows={2}
            maxLength={1000}
            aria-describedby={note}
            value={now.prompt}
            onInput={(event) => change({ prompt: event.currentTarget.value })}
          />
        )}
      </Field>
      <Field label={t("option_tags")} hint={t("option_tags_hint")}>
        {(id, note) => (
          <input
            id={id}
            aria-describedby={note}
            value={now.tags}
            onInput={(event) => change({ tags: event.currentTarget.value })}
          />
        )}
      </Field>
      <PriorityField now={now} change={change} />
      <SelectField
        label={t("option_keep")}
        value={now.keepDays}
        options={keepChoices()}
        onChoose={(value) => change({ keepDays: value })}
      />
    </>
  );
}

/** What the recordings that come next are transcribed with. */
export function OptionsForm() {
  return (
    <aside class="card options" aria-labelledby="options-title">
      <h2 id="options-title">{t("options")}</h2>
      <OptionFields now={options.value} change={change} />
    </aside>
  );
}
