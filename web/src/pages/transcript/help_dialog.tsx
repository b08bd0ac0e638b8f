import { CheckField } from "../../ui/field.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { chooseSingleKeys, type Command, hasSingleKeys, shortcuts } from "./shortcuts.ts";
import { t } from "./words.ts";

export function HelpDialog({ onClose }: { onClose: () => void }) {
  const commands = [...new Set(shortcuts.map((each) => each.command))];
  const keysOf = (command: Command) => shortcuts.filter((each) => each.command === command);
  return (
    <Dialog title={t("help")} onClose={onClose}>
      <p class="quiet">{t("help_text")}</p>
      <dl class="keys">
        {commands.map((command) => (
          <div key={command}>
            <dt>{t(`key_${command}`)}</dt>
            <dd>
              {keysOf(command).map((each, i) => (
                <span key={i}>{each.shown.map((key) => <kbd key={key}>{key}</kbd>)}</span>
              ))}
            </dd>
          </div>
        ))}
      </dl>
      <CheckField label={t("help_single")} isChecked={hasSingleKeys.value} onChange={chooseSingleKeys} />
    </Dialog>
  );
}
