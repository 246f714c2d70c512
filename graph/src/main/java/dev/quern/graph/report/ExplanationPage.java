package dev.quern.graph.report;

import dev.quern.graph.fuse.Decision;
import dev.quern.graph.plan.Explanation;
import dev.quern.graph.plan.Explanation.ExplainedRegion;
import dev.quern.graph.plan.Explanation.StoredValue;
import dev.quern.graph.plan.PlanStep;
import dev.quern.runtime.KernelText;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * A plan's explanation as a page that needs nothing else: the regions drawn, each with its nodes and the user's lines, variants,
 * memory and kernel texts; the user's lines with the regions that they became; the fusions.
 */
public final class ExplanationPage {
    private static final String STYLE = """
            body { font: 14px/1.45 sans-serif; margin: 2em auto; max-width: 70em; padding: 0 1em; color: #222; }
            table { border-collapse: collapse; } td, th { padding: 2px 10px 2px 0; text-align: left; vertical-align: top; }
            svg text { font: 12px sans-serif; } svg path { fill: none; stroke: #888; } svg path:hover { stroke: #c22; }
            pre { background: #f5f5f5; padding: 0.6em; overflow: auto; } summary { cursor: pointer; } .no { color: #a33; }
            """;

    private final Explanation explanation;
    private final Programs programs;
    private final Markup page = new Markup();

    private ExplanationPage(Explanation explanation) {
        this.explanation = explanation;
        this.programs = Programs.of(explanation);
    }

    /** The page. */
    public static String of(Explanation explanation) {
        return new ExplanationPage(explanation).whole();
    }

    private String whole() {
        page.add("<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"/><title>%s</title><style>%s</style></head><body>",
                "Plan of " + explanation.graph(), STYLE);
        page.add("<h1>%s</h1>", explanation.graph() + " on " + explanation.device());
        int launches = explanation.regions().stream().mapToInt(region -> region.step().launches().size()).sum();
        page.add("<p>%d launches in %d regions. Temporaries: %,d bytes (%s), at least %,d are live at once. Plan %s.</p>", launches,
                explanation.regions().size(), explanation.temporaryBytes(), explanation.strategy(), explanation.boundBytes(),
                explanation.hash());
        page.add("<h2>Regions</h2>").add(RegionDiagram.of(explanation));
        for (int i = 0; i < explanation.regions().size(); i++) {
            region(i + 1, explanation.regions().get(i));
        }
        lines();
        decisions();
        page.add("<h2>Programs</h2>");
        programs.texts().forEach(this::program);
        return page.add("</body></html>").toString();
    }

    private void region(int number, ExplainedRegion region) {
        PlanStep step = region.step();
        page.add("<details id=\"region%d\"><summary>%d <b>%s</b> %s by %s</summary><table>", number, number, step.region(), step.problem(),
                step.variant() + (step.parameters().values().isEmpty() ? "" : " " + step.parameters()));
        if (!region.epilogue().isEmpty()) {
            row("then", region.epilogue());
        }
        row("why", step.reason());
        row("not", region.others().stream().map(other -> other.variant() + " (" + other.reason() + ")").collect(Collectors.joining(", ")));
        row("nodes", step.nodes().stream().map(node -> node.name() + " " + node.op() + " (" + node.source() + ")")
                .collect(Collectors.joining(", ")));
        row("reads", values(region.reads()));
        row("writes", values(region.writes()));
        row("work", String.format(Locale.ROOT, "%.3f Mflop, %.3f MB at least, %,d bytes of scratch", step.cost().flops() / 1e6,
                step.cost().bytes() / 1e6, region.workspace()));
        for (PlanStep.PlanLaunch launch : step.launches()) {
            page.add("<tr><th>launch %d</th><td>%s: <a href=\"#%s\">%s</a>, %s</td></tr>", launch.index() + 1, launch.role(),
                    anchor(programs.name(launch.source())), programs.name(launch.source()) + " " + launch.entry(),
                    launch.grid().groups() + " groups of " + launch.grid().local());
        }
        page.add("</table></details>");
    }

    private void row(String name, String text) {
        page.add("<tr><th>%s</th><td>%s</td></tr>", name, text);
    }

    private static String values(List<StoredValue> values) {
        return values.stream().map(value -> value.name() + " " + value.type() + " @" + value.place() + (value.inPlace() ? " in place" : ""))
                .collect(Collectors.joining(", "));
    }

    private void lines() {
        page.add("<h2>Your lines</h2><table>");
        explanation.regionsByLine().forEach((line, regions) -> row(line, String.join(", ", regions)));
        page.add("</table>");
    }

    private void decisions() {
        page.add("<h2>Fusions</h2><table>");
        for (Decision decision : explanation.decisions()) {
            page.add("<tr><td class=\"%s\">%s</td><td>%s</td><td>%s</td><td>%s</td></tr>", decision.accepted() ? "yes" : "no",
                    decision.accepted() ? "made" : "refused", decision.what(), decision.reason(),
                    decision.prediction());
        }
        page.add("</table>");
    }

    private void program(String name, KernelText program) {
        page.add("<details id=\"%s\"><summary>%s</summary><pre>", anchor(name), name);
        program.defines().forEach((define, value) -> page.add("#define %s %s", define, value));
        page.add("%s</pre></details>", program.text());
    }

    private static String anchor(String program) {
        return "program-" + program.replaceAll("[^A-Za-z0-9]+", "-");
    }
}
