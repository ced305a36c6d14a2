const threads = Array.from({ length: 26 }, (_, at) => ({
  at,
  opacity: 0.08 + 0.35 * Math.abs(Math.sin(at * 0.5)),
  width: at % 5 === 0 ? 2.4 : 1,
  path: [
    `M-20 ${at * 34 - 30}`,
    `C 150 ${at * 34 - 110 + at * 3}, 300 ${at * 34 + 90 - at * 4}, 620 ${at * 34 - 20}`,
  ].join(" "),
}));

/** The woven ground of the welcome page: many threads, one cloth. */
export function Weave() {
  return (
    <svg
      className="weave"
      viewBox="0 0 600 800"
      preserveAspectRatio="xMidYMid slice"
      fill="none"
      stroke="#fff"
      aria-hidden="true"
    >
      {threads.map(({ at, opacity, width, path }) => (
        <path key={at} opacity={opacity} strokeWidth={width} d={path} />
      ))}
    </svg>
  );
}
