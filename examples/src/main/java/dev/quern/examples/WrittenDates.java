package dev.quern.examples;

import dev.quern.layers.data.Split;
import dev.quern.layers.random.RandomStream;
import dev.quern.layers.text.PairFormat;
import dev.quern.layers.text.TextPairs;
import dev.quern.layers.text.TextPairs.Pair;
import dev.quern.layers.text.Vocabulary;
import java.time.LocalDate;
import java.time.format.TextStyle;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Dates as people write them, with the same as ISO 8601 has it: {@code Thursday 5 March 1998} and {@code 1998-03-05}. Generated, from 1900 to
 * 2099; years of two digits are of 1970 to 2069. Every tenth day of the calendar is for tests, so that no tested date was trained on in any
 * form.
 */
final class WrittenDates {
    /** What dates are as numbers. */
    static final PairFormat FORMAT = new PairFormat(
            Vocabulary.of(" ,.0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"), Vocabulary.of("-0123456789"), 32, 10);

    private static final long SEED = 1;
    private static final int TRAIN = 20_000;
    private static final int TEST = 1_000;
    private static final LocalDate FIRST = LocalDate.of(1900, 1, 1);
    private static final int DAYS = (int) (LocalDate.of(2100, 1, 1).toEpochDay() - FIRST.toEpochDay());
    private static final int TEST_EVERY = 10;
    private static final int CENTURY = 100;
    private static final int PIVOT = 1970;
    private static final int STYLES = 8;

    private WrittenDates() {
    }

    /** 20,000 to train on and 1,000 to test on, the same on every machine. */
    static Split<TextPairs> standard() {
        return new Split<>(new TextPairs("generated dates", FORMAT, pairs("train", TRAIN, false)),
                new TextPairs("generated dates of other days", FORMAT, pairs("test", TEST, true)));
    }

    private static List<Pair> pairs(String purpose, int count, boolean test) {
        RandomStream random = new RandomStream(SEED, "dates/" + purpose, 0);
        List<Pair> pairs = new ArrayList<>();
        while (pairs.size() < count) {
            int day = random.nextInt(DAYS);
            if (day % TEST_EVERY == 0 == test) {
                LocalDate date = FIRST.plusDays(day);
                pairs.add(new Pair(written(date, random.nextInt(STYLES)), date.toString()));
            }
        }
        return pairs;
    }

    /** A date in one of the ways to write it; a year that two digits cannot tell is written in full. */
    static String written(LocalDate date, int style) {
        int day = date.getDayOfMonth();
        int year = date.getYear();
        String month = date.getMonth().getDisplayName(TextStyle.FULL, Locale.ENGLISH);
        String brief = month.substring(0, 3);
        String weekday = date.getDayOfWeek().getDisplayName(TextStyle.FULL, Locale.ENGLISH);
        boolean two = year >= PIVOT && year < PIVOT + CENTURY;
        return switch (style) {
            case 0 -> month + " " + day + ", " + year;
            case 1 -> day + " " + month + " " + year;
            case 2 -> day + " " + brief + " " + (two ? String.format(Locale.ROOT, "%02d", year % CENTURY) : year);
            case 3 -> weekday + " " + day + " " + month + " " + year;
            case 4 -> brief + " " + day + ", " + year;
            case 5 -> day + "." + date.getMonthValue() + "." + year;
            case 6 -> "the " + day + ordinal(day) + " of " + month + " " + year;
            case 7 -> (weekday + ", " + month + " " + day + " " + year).toLowerCase(Locale.ROOT);
            default -> throw new IllegalArgumentException("style " + style);
        };
    }

    private static String ordinal(int day) {
        return switch (day) {
            case 1, 21, 31 -> "st";
            case 2, 22 -> "nd";
            case 3, 23 -> "rd";
            default -> "th";
        };
    }
}
