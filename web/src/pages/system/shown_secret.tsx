import { Button } from "../../ui/button.tsx";
import { copyText } from "../../ui/copy.ts";
import { Dialog } from "../../ui/dialog.tsx";
import { report, say } from "../../ui/toast.tsx";
import { t } from "./words.ts";

/** A key or signing secret, the one time that it is shown. */
export function ShownSecret({ title, secret, onClose }: { title: string; secret: string; onClose: () => void }) {
  return (
    <Dialog title={title} onClose={onClose}>
      <div class="form">
        <p>{t("secret_once")}</p>
        <p class="secret">
          <code>{secret}</code>
          <Button
            icon="copy"
            onClick={() => void copyText(secret).then(() => say(t("copied")), report)}
          >
            {t("copy")}
          </Button>
        </p>
      </div>
    </Dialog>
  );
}
