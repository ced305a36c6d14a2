import { Component, type ReactNode } from "react";
import { toast } from "../kit/toasts";
import { m } from "../paraglide/messages.js";
import { Empty } from "./States";

interface Props {
  children: ReactNode;
  /** Closes what was to be shown; a toast says what happened. */
  onFailed?: () => void;
  /** What is shown then; `anew` makes what is inside once more. */
  instead?: (anew: () => void) => ReactNode;
}

/** What is inside may not load, because the network is away, or break: the rest stays. */
export class Boundary extends Component<Props, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError() {
    return { failed: true };
  }

  override componentDidCatch() {
    if (!this.props.onFailed) return;
    this.props.onFailed();
    toast(m.page_failed());
  }

  override render() {
    if (!this.state.failed) return this.props.children;
    if (this.props.onFailed) return null;
    if (this.props.instead) return this.props.instead(() => this.setState({ failed: false }));
    return <Broken />;
  }
}

/** Whoever loads the page anew gets what could not be had, and loses nothing that is kept. */
export function Broken() {
  const retry = (
    <button type="button" className="btn" onClick={() => location.reload()}>
      {m.retry()}
    </button>
  );
  return (
    <div role="alert" className="empty-host">
      <Empty icon="warn" title={m.page_failed()} hue={25} actions={retry} main>
        <p>{m.page_failed_about()}</p>
      </Empty>
    </div>
  );
}
