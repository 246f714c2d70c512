package dev.quern.kernels.testing;

import java.util.stream.IntStream;

/**
 * How many problems are drawn at random and from which seed, for every test that draws any:
 *
 * <ul>
 * <li>{@code -Dquern.fuzz.seed=SEED} draws other problems; 1 otherwise,
 * <li>{@code -Dquern.fuzz.cases=COUNT} draws more or fewer; 40 a family otherwise,
 * <li>{@code -Dquern.fuzz.case=NUMBER} runs this one of the seed's cases alone, with every variant;
 * <li>{@code -Dquern.fuzz.trace=true} prints each case before it runs, so that one that ends the process can be found.
 * </ul>
 *
 * <p>A seed and a number are a case, whatever the count.
 *
 * @param seed  the seed
 * @param cases how many cases a family
 * @param only  the case to run alone, or -1
 */
public record FuzzSettings(long seed, int cases, int only) {
    private static final int CASES = 40;

    /** What the properties say. */
    public static FuzzSettings read() {
        return read(CASES);
    }

    /** What the properties say, with another count where they give none. */
    public static FuzzSettings read(int cases) {
        return new FuzzSettings(Long.getLong("quern.fuzz.seed", 1), Integer.getInteger("quern.fuzz.cases", cases),
                Integer.getInteger("quern.fuzz.case", -1));
    }

    /** The numbers of the cases to run. */
    public IntStream numbers() {
        return only >= 0 ? IntStream.of(only) : IntStream.range(0, cases);
    }

    /** Prints what runs next, where that is wanted. */
    public void trace(int number, String what) {
        if (Boolean.getBoolean("quern.fuzz.trace")) {
            System.out.println(again(number) + " " + what);
        }
    }

    /** What runs a case again. */
    public String again(int number) {
        return "-Dquern.fuzz.seed=" + seed + " -Dquern.fuzz.case=" + number;
    }

    /** The seed of a stream of random numbers for a case, unlike those of all other cases. */
    public long seedOf(int number) {
        return (seed * 1_000_003 + number) * 0xd1342543de82ef95L;
    }
}
