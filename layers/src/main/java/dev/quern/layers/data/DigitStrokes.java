package dev.quern.layers.data;

import java.util.ArrayList;
import java.util.List;

/**
 * The shapes of the ten digits as pen strokes: for each digit a few ways in which people write it.
 *
 * <p>Points lie in a unit square, x to the right and y down. A {@code line} joins its points straight, a {@code curve}
 * runs smoothly through them (a uniform Catmull-Rom spline).
 */
final class DigitStrokes {
    /** One stroke of the pen. */
    record Stroke(boolean smooth, double[] x, double[] y) {
    }

    /** One way to write a digit. */
    record Style(List<Stroke> strokes) {
    }

    private static final String[][] TEXT = {
        {
            "curve .58,.01 .30,.08 .11,.34 .10,.66 .28,.94 .55,1 .82,.86 .92,.55 .84,.20 .60,.01 .50,.02",
            "curve .70,.10 .50,.0 .25,.20 .12,.60 .22,.94 .48,.99 .74,.74 .82,.36 .68,.06 .52,.04 .44,.12",
            "curve .45,.0 .15,.18 .05,.50 .15,.84 .50,1 .85,.84 .95,.50 .85,.16 .50,.0 .42,.02",
        },
        {
            "line .50,.0 .50,1",
            "line .30,.20 .54,.0 .52,1",
            "line .28,.22 .52,.0 .52,1; line .26,1 .80,.99",
            "curve .55,.0 .53,.35 .48,.70 .47,1",
        },
        {
            "curve .10,.26 .28,.04 .62,.0 .84,.20 .74,.48 .42,.78 .10,1; line .10,1 .92,.97",
            "curve .14,.22 .36,.02 .70,.06 .80,.30 .62,.60 .30,.90 .14,.95 .16,.82 .34,.80 .58,.94 .92,.98",
            "curve .08,.14 .40,.0 .80,.10 .82,.38 .50,.68 .08,.98; curve .08,.98 .40,.94 .95,1",
        },
        {
            "curve .12,.14 .40,.0 .76,.08 .80,.30 .60,.45 .36,.48; curve .36,.48 .72,.52 .90,.72 .74,.95 .40,1 .08,.88",
            "line .12,.03 .86,.02 .44,.42; curve .44,.42 .78,.50 .90,.74 .68,.97 .34,1 .08,.88",
            "curve .16,.08 .50,.0 .80,.16 .68,.40 .40,.47 .44,.50 .76,.58 .84,.82 .54,1 .10,.94",
        },
        {
            "line .18,.02 .10,.54 .90,.50; line .80,.06 .74,1",
            "line .62,.0 .06,.66 .96,.64; line .68,.30 .66,1",
            "line .70,1 .72,.0 .06,.68 .96,.68",
            "curve .22,.0 .14,.30 .16,.50 .40,.54 .78,.46; line .84,.0 .78,1",
        },
        {
            "line .86,.02 .26,.03 .18,.45; curve .18,.45 .48,.36 .82,.50 .88,.76 .62,.98 .30,1 .08,.90",
            "line .24,.04 .20,.46; curve .20,.46 .54,.38 .86,.58 .78,.90 .46,1 .10,.92; line .24,.04 .88,.0",
            "curve .84,.02 .50,.03 .28,.06 .22,.24 .28,.42 .58,.46 .80,.64 .72,.90 .42,1 .12,.92",
        },
        {
            "curve .74,.02 .42,.18 .18,.50 .12,.80 .34,1 .68,.96 .84,.76 .70,.56 .44,.55 .18,.74",
            "curve .58,.0 .30,.32 .12,.70 .22,.96 .50,1 .76,.86 .72,.64 .48,.58 .20,.74",
            "line .66,.0 .22,.52; curve .22,.52 .08,.78 .28,1 .66,.97 .82,.74 .60,.54 .30,.58 .12,.76",
        },
        {
            "line .08,.05 .90,.04 .42,1",
            "line .08,.06 .88,.03 .44,1; line .30,.50 .82,.48",
            "line .10,.20 .12,.04; curve .12,.04 .40,.08 .88,.02; curve .88,.02 .66,.36 .48,.70 .42,1",
            "curve .06,.10 .36,.02 .80,.06 .84,.20 .62,.54 .40,1",
        },
        {
            "curve .78,.14 .52,.0 .24,.10 .26,.32 .56,.52 .82,.74 .70,.97 .38,1 .18,.82 .36,.58 .68,.38 .80,.16",
            "curve .50,.46 .24,.34 .24,.10 .50,.0 .76,.10 .74,.34 .50,.46 .20,.62 .16,.88 .50,1 .84,.88 .80,.62 .50,.46",
            "curve .84,.08 .54,.02 .28,.14 .36,.38 .64,.60 .72,.84 .48,1 .24,.86 .40,.58 .74,.30 .86,.06",
        },
        {
            "curve .82,.20 .58,.0 .24,.08 .14,.32 .36,.50 .66,.42 .82,.18; line .83,.12 .74,1",
            "curve .78,.16 .48,.0 .18,.18 .22,.44 .54,.48 .80,.24; curve .80,.20 .82,.50 .70,.84 .36,1",
            "curve .74,.10 .42,.02 .18,.24 .34,.48 .64,.40 .76,.12; curve .76,.12 .74,.50 .66,.80 .64,1",
        },
    };

    private DigitStrokes() {
    }

    /** The styles of each digit, 0 to 9. */
    static List<List<Style>> digits() {
        List<List<Style>> digits = new ArrayList<>();
        for (String[] styles : TEXT) {
            List<Style> parsed = new ArrayList<>();
            for (String style : styles) {
                parsed.add(parse(style));
            }
            digits.add(List.copyOf(parsed));
        }
        return List.copyOf(digits);
    }

    private static Style parse(String text) {
        List<Stroke> strokes = new ArrayList<>();
        for (String stroke : text.split(";")) {
            String[] words = stroke.strip().split(" +");
            double[] x = new double[words.length - 1];
            double[] y = new double[words.length - 1];
            for (int i = 0; i < x.length; i++) {
                String[] point = words[i + 1].split(",");
                x[i] = Double.parseDouble(point[0]);
                y[i] = Double.parseDouble(point[1]);
            }
            strokes.add(new Stroke(words[0].equals("curve"), x, y));
        }
        return new Style(List.copyOf(strokes));
    }
}
