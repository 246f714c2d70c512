package dev.quern.layers.text;

import dev.quern.layers.random.RandomStream;

/** A text that needs no files: short scenes in a mill by a river, put together by chance from small lists of words. */
final class BuiltInText {
    private static final long SEED = 1;
    private static final String[] NAMES = {"Anna", "Bruno", "Clara", "David", "Edith", "Frank", "Greta", "Henry"};
    private static final String[] PLACES = {"the mill", "the old bridge", "the garden", "the market", "the long road", "the river",
        "the workshop", "the hill"};
    private static final String[] KINDS = {"heavy", "small", "round", "broken", "warm", "quiet", "grey", "new"};
    private static final String[] THINGS = {"stone", "wheel", "basket", "lantern", "door", "bag of flour", "rope", "boat"};
    private static final String[] DEEDS = {"carried", "found", "mended", "sold", "painted", "lost", "brought", "turned"};
    private static final String[] TIMES = {"in the morning", "before noon", "after the rain", "at night", "in winter",
        "on the first day of spring"};
    private static final String[] ANSWERS = {"I think so", "not today", "only if you help me", "ask me again tomorrow",
        "that is what they say", "nobody knows"};

    private BuiltInText() {
    }

    /** At least so many characters, ending with a whole scene. The same on every machine. */
    static String of(int characters) {
        RandomStream random = new RandomStream(SEED, "built-in text", 0);
        StringBuilder text = new StringBuilder();
        while (text.length() < characters) {
            scene(text, random);
        }
        return text.toString();
    }

    private static void scene(StringBuilder text, RandomStream random) {
        String one = any(NAMES, random);
        String other = any(NAMES, random);
        String thing = "the " + any(KINDS, random) + " " + any(THINGS, random);
        String place = any(PLACES, random);
        text.append(one).append(' ').append(any(DEEDS, random)).append(' ').append(thing).append(" near ").append(place).append(' ')
                .append(any(TIMES, random)).append(".\n");
        text.append('"').append("Where is ").append(thing).append("?\" asked ").append(other).append(".\n");
        text.append('"').append("At ").append(place).append(",\" said ").append(one).append(", \"")
                .append(any(ANSWERS, random)).append(".\"\n\n");
    }

    private static String any(String[] list, RandomStream random) {
        return list[random.nextInt(list.length)];
    }
}
