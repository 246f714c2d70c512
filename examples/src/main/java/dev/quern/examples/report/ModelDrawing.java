package dev.quern.examples.report;

import dev.quern.layers.nn.LayerContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A model's modules as a picture (SVG): read from top to bottom, then column by column. Modules that hold others are frames, side by side
 * where they read the same input; a line around a frame is a residual's; equal modules that follow each other are drawn once, with how many
 * there are. The same model gives the same bytes.
 */
public final class ModelDrawing {
    private static final int CARD_WIDTH = 186;
    private static final int CARD_HEIGHT = 18;
    private static final int GAP = 5;
    private static final int TITLE = 15;
    private static final int RAIL = 12;
    private static final int COLUMN_GAP = 26;
    private static final int MARGIN = 12;
    /** Columns end before this; a frame that is higher is a column of its own. */
    private static final int COLUMN_HEIGHT = 640;
    private static final int MOST_LETTERS = 22;
    private static final Pattern ARGUMENTS = Pattern.compile("\\((.*)\\)$");

    /** Modules that do nothing but arrange others. */
    private static final Set<String> CONTAINERS = Set.of("Sequential", "Branches", "Residual", "");

    private final StringBuilder svg = new StringBuilder();

    private ModelDrawing() {
    }

    /**
     * Draws a model.
     *
     * @param title what stands above it
     * @param model its layers as they were built
     */
    public static String svg(String title, LayerContext model) {
        return new ModelDrawing().draw(title, model);
    }

    /** Something with a size that can be drawn at a place. */
    private interface Item {
        int width();

        int height();

        void draw(int x, int y);
    }

    private String draw(String title, LayerContext model) {
        List<List<Item>> columns = new ArrayList<>(List.of(new ArrayList<>()));
        int height = 0;
        for (Item item : items("", ModuleTree.of(model.summaries()))) {
            if (height > 0 && height + item.height() > COLUMN_HEIGHT) {
                columns.add(new ArrayList<>());
                height = 0;
            }
            columns.getLast().add(item);
            height += item.height() + GAP;
        }
        int tallest = columns.stream().mapToInt(column -> stacked(column)).max().orElse(0);
        int x = MARGIN;
        for (List<Item> column : columns) {
            int width = widest(column);
            int y = MARGIN + 2 * TITLE;
            for (Item item : column) {
                item.draw(x + (width - item.width()) / 2, y);
                y += item.height() + GAP;
            }
            x += width + COLUMN_GAP;
        }
        int right = Math.max(x - COLUMN_GAP + MARGIN, 2 * MARGIN + 7 * title.length());
        int bottom = 2 * MARGIN + 2 * TITLE + tallest;
        return "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" + right + "\" height=\"" + bottom + "\" viewBox=\"0 0 " + right + " " + bottom
                + "\" font-family=\"sans-serif\" font-size=\"10\">\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n"
                + text(MARGIN, MARGIN + TITLE - 3, "start", "#222", escaped(title), " font-size=\"13\" font-weight=\"bold\"") + svg + "</svg>\n";
    }

    /** Modules of which each fits into a column: higher ones are taken apart. */
    private List<Item> items(String prefix, List<ModuleTree> modules) {
        List<Item> items = new ArrayList<>();
        int at = 0;
        while (at < modules.size()) {
            ModuleTree module = modules.get(at);
            int count = 1;
            while (!module.inner().isEmpty() && at + count < modules.size() && module.isLike(modules.get(at + count))) {
                count++;
            }
            Item whole = item(prefix, module, count);
            if (count == 1 && whole.height() > COLUMN_HEIGHT / 2 && !module.isSideBySide() && !module.isResidual()) {
                items.addAll(items(prefix + module.name() + ".", module.inner()));
            } else {
                items.add(whole);
            }
            at += count;
        }
        return items;
    }

    private Item item(String prefix, ModuleTree module, int count) {
        if (module.inner().isEmpty()) {
            return new Card(prefix + module.name(), module);
        }
        String name = prefix + module.name() + (count > 1 ? " \u2026 \u00d7 " + count : "");
        if (module.isSideBySide()) {
            List<List<Item>> branches = module.inner().stream().map(branch -> branch.inner().isEmpty() ? List.of(item("", branch, 1))
                    : items(branch.name() + ".", branch.inner())).toList();
            return new Frame(name, module, branches, false);
        }
        List<ModuleTree> body = module.inner().stream().filter(each -> !around(module, each)).toList();
        List<List<Item>> parts = new ArrayList<>(List.of(items("", body)));
        module.inner().stream().filter(each -> around(module, each)).forEach(each -> parts.add(items(each.name() + ".", each.inner())));
        return new Frame(name, module, parts, module.isResidual());
    }

    private static boolean around(ModuleTree residual, ModuleTree inner) {
        return residual.isResidual() && inner.name().equals("downsample");
    }

    private static int stacked(List<Item> items) {
        return items.stream().mapToInt(item -> item.height() + GAP).sum() - GAP;
    }

    private static int widest(List<Item> items) {
        return items.stream().mapToInt(Item::width).max().orElse(0);
    }

    /** A module without others inside: what it is on the left, what it gives on the right. */
    private final class Card implements Item {
        private final String path;
        private final ModuleTree module;

        Card(String path, ModuleTree module) {
            this.path = path;
            this.module = module;
        }

        @Override
        public int width() {
            return CARD_WIDTH;
        }

        @Override
        public int height() {
            return CARD_HEIGHT;
        }

        @Override
        public void draw(int x, int y) {
            svg.append("<g><title>").append(escaped(path)).append("</title>")
                    .append(box(x, y, CARD_WIDTH, CARD_HEIGHT, colour(module.layer()), "#888", 3))
                    .append(text(x + 5, y + 13, "start", "#222", escaped(shortened(module.layer())), ""))
                    .append(text(x + CARD_WIDTH - 5, y + 13, "end", "#666", shape(module), "")).append("</g>\n");
        }
    }

    /** A module with others inside, in one stack or several side by side. */
    private final class Frame implements Item {
        private final String name;
        private final ModuleTree module;
        private final List<List<Item>> stacks;
        private final boolean residual;

        Frame(String name, ModuleTree module, List<List<Item>> stacks, boolean residual) {
            this.name = name;
            this.module = module;
            this.stacks = stacks;
            this.residual = residual;
        }

        @Override
        public int width() {
            return stacks.stream().mapToInt(stack -> widest(stack) + GAP).sum() + GAP + (residual ? RAIL : 0);
        }

        @Override
        public int height() {
            return TITLE + stacks.stream().mapToInt(stack -> stacked(stack)).max().orElse(0) + GAP + (residual ? CARD_HEIGHT : 0);
        }

        @Override
        public void draw(int x, int y) {
            svg.append(box(x, y, width(), height(), "#00000008", "#999", 5))
                    .append(text(x + GAP, y + 11, "start", "#444", escaped(name + kind()), " font-style=\"italic\""))
                    .append(text(x + width() - GAP, y + 11, "end", "#666", shape(module), "")).append('\n');
            int left = x + GAP;
            for (List<Item> stack : stacks) {
                int top = y + TITLE;
                for (Item item : stack) {
                    item.draw(left + (widest(stack) - item.width()) / 2, top);
                    top += item.height() + GAP;
                }
                left += widest(stack) + GAP;
            }
            if (residual) {
                around(x, y);
            }
        }

        /** What it is, where that is more than the sum of what it shows. */
        private String kind() {
            String kind = ModelDrawing.kind(module.layer());
            return CONTAINERS.contains(kind) ? "" : ": " + kind;
        }

        /** The way around: a line at the right edge that ends in a sum. */
        private void around(int x, int y) {
            int rail = x + width() - RAIL / 2 - 2;
            int sum = y + height() - CARD_HEIGHT / 2 - 1;
            int middle = x + width() / 2;
            svg.append("<path d=\"M").append(middle).append(' ').append(y + TITLE - 2).append('H').append(rail).append('V').append(sum).append('H')
                    .append(middle + 8).append("\" fill=\"none\" stroke=\"#c60\" stroke-width=\"1.5\"/>\n");
            svg.append("<circle cx=\"").append(middle).append("\" cy=\"").append(sum).append("\" r=\"7\" fill=\"white\" stroke=\"#c60\"/>")
                    .append(text(middle, sum + 4, "middle", "#c60", "+", "")).append('\n');
        }
    }

    private static String box(int x, int y, int width, int height, String fill, String stroke, int round) {
        return "<rect x=\"" + x + "\" y=\"" + y + "\" width=\"" + width + "\" height=\"" + height + "\" rx=\"" + round + "\" fill=\"" + fill
                + "\" stroke=\"" + stroke + "\"/>";
    }

    private static String text(int x, int y, String anchor, String colour, String content, String more) {
        return "<text x=\"" + x + "\" y=\"" + y + "\" text-anchor=\"" + anchor + "\" fill=\"" + colour + "\"" + more + ">" + content + "</text>";
    }

    /** {@code 64×16×16}, without the batch. */
    private static String shape(ModuleTree module) {
        String shape = module.output().toString();
        return shape.substring(1, shape.length() - 1).replaceFirst("^1, ", "").replace(", ", "\u00d7");
    }

    /** {@code Conv2d 3x3 / 2} of {@code Conv2d(64, 128, kernel=3x3, stride=[2, 2], …)}. */
    private static String shortened(String layer) {
        Matcher found = ARGUMENTS.matcher(layer);
        if (!found.find()) {
            return layer;
        }
        String kind = layer.substring(0, found.start());
        String arguments = found.group(1);
        Matcher kernel = Pattern.compile("kernel=\\[?(\\d+)(?:x|, )(\\d+)").matcher(arguments);
        Matcher stride = Pattern.compile("stride=\\[(\\d+)").matcher(arguments);
        if (kernel.find()) {
            return kind + " " + kernel.group(1) + "\u00d7" + kernel.group(2) + (stride.find() && !stride.group(1).equals("1") ? " / " + stride.group(1) : "");
        }
        String all = kind + " " + arguments;
        return all.length() <= MOST_LETTERS ? all : kind;
    }

    private static String kind(String layer) {
        return layer.replaceFirst("[^A-Za-z0-9].*", "");
    }

    private static String colour(String layer) {
        return switch (kind(layer)) {
            case "Conv2d", "Conv1d", "ConvTranspose2d" -> "#cfe2f8";
            case "Dense", "EachPosition", "Embedding" -> "#fbe0bd";
            case "MaxPool2d", "AvgPool2d", "AdaptiveAvgPool2d", "Upsample" -> "#d2ecd0";
            case "BatchNorm1d", "BatchNorm2d", "LayerNorm", "GroupNorm", "LocalResponseNorm" -> "#e9e3f5";
            case "LSTM", "GRU", "RNN", "MultiheadAttention" -> "#f8d5d9";
            default -> "#f4f4f4";
        };
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
