package dev.quern.bench.measure;

/**
 * How long to measure.
 *
 * @param rounds      blocks for each contestant
 * @param blockMillis how long a block should last
 * @param mostRuns    the most runs in a block
 * @param warmMillis  how long warming up may last for each contestant
 * @param restMillis  the pause between blocks where several processes take turns. OpenBLAS's threads spin for about
 *                    100 ms after a call and would steal a core from whoever comes next
 */
public record Schedule(int rounds, int blockMillis, int mostRuns, int warmMillis, int restMillis) {
    /** Five blocks of a fifth of a second, as reports need them. */
    public static Schedule standard() {
        return new Schedule(5, 200, 200, 3000, 300);
    }
}
