import { useLocale } from "../kit/locale";
import { Welcome } from "./Welcome";

export function Root() {
  const locale = useLocale();
  return <Welcome key={locale} ended={false} />;
}
