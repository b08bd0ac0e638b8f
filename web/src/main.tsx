import { render } from "preact";
import "./styles/index.css";
import { followLinks } from "./app/router.ts";
import { findPage } from "./app/pages.ts";
import { findOutWho } from "./app/session.ts";
import { Shell } from "./app/shell.tsx";
import { followTheme } from "./app/theme.ts";
import { followLanguage } from "./i18n/language.ts";

followTheme();
followLanguage();
followLinks((path) => findPage(path) !== null);
void findOutWho();

const root = document.getElementById("app");
if (root) render(<Shell />, root);
