import { createRoot } from "react-dom/client";
import { applyLocale } from "./kit/locale";
import { loadEarly, Root } from "./sign-in/Root";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/controls.css";

applyLocale();
loadEarly();
const container = document.getElementById("root");
if (container) createRoot(container).render(<Root />);
