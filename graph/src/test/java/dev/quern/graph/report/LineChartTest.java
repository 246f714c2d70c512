package dev.quern.graph.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class LineChartTest {
    @Test
    void aCurveGoesFromTheLowerLeftToTheUpperRightAndLeavesOutWhatIsNoNumber() {
        String svg = new LineChart("a <rise>", "step").curve("rise", new double[] {1, 2, 3}, new double[] {10, Double.NaN, 20}).draw().toString();
        assertThat(svg).contains("aria-label=\"a &lt;rise&gt;\"", "points=\"70.0,234.0 630.0,14.0\"", ">10.0<", ">20.0<", ">1<", ">2<", ">3<").doesNotContain("NaN");
    }

    @Test
    void aSinglePointIsADotInTheMiddle() {
        assertThat(new LineChart("one", "epoch").curve("one", new double[] {1}, new double[] {5}).draw().toString())
                .contains("<circle class=\"dot c0\" cx=\"350.0\" cy=\"124.0\"", "x=\"350.0\" y=\"250\" text-anchor=\"middle\">1<").doesNotContain("<polyline");
    }

    @Test
    void aCurveNeedsAsManyXAsY() {
        assertThatThrownBy(() -> new LineChart("bad", "x").curve("bad", new double[2], new double[3])).isInstanceOf(IllegalArgumentException.class)
                .hasMessage("bad: 2 x for 3 y");
    }
}
