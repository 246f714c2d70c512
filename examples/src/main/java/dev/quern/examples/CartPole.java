package dev.quern.examples;

import dev.quern.layers.random.RandomStream;

/**
 * A pole on a cart, to be kept upright by pushing the cart left or right. Barto, Sutton, Anderson, "Neuronlike adaptive elements that can
 * solve difficult learning control problems", IEEE Transactions on Systems, Man, and Cybernetics, 1983; with the constants, the limits and
 * Euler's method at 50 steps a second as in Gym's CartPole-v0. Each step that the pole stands returns 1; an episode ends when the pole leans
 * more than 12 degrees, the cart is more than 2.4 m from the middle, or 200 steps are done.
 */
final class CartPole {
    /** Numbers that describe a state: the cart's place and speed, the pole's angle and angular speed. */
    static final int STATE = 4;
    /** Push left, push right. */
    static final int ACTIONS = 2;
    /** Steps of the longest episode, and so the largest return. */
    static final int LONGEST = 200;

    private static final double GRAVITY = 9.8;
    private static final double CART_MASS = 1.0;
    private static final double POLE_MASS = 0.1;
    private static final double HALF_LENGTH = 0.5;
    private static final double FORCE = 10.0;
    private static final double SECONDS = 0.02;
    private static final double FARTHEST = 2.4;
    private static final double STEEPEST = 12 * Math.PI / 180;

    private final double[] state = new double[STATE];
    private int steps;

    /** A new episode, from a state near the middle: each number uniform in ±0.05. */
    void reset(RandomStream random) {
        for (int i = 0; i < STATE; i++) {
            state[i] = random.uniform(-0.05, 0.05);
        }
        steps = 0;
    }

    /** Pushes right if the action is 1, else left. */
    void step(int action) {
        double force = action == 1 ? FORCE : -FORCE;
        double cosine = StrictMath.cos(state[2]);
        double sine = StrictMath.sin(state[2]);
        double mass = CART_MASS + POLE_MASS;
        double push = (force + POLE_MASS * HALF_LENGTH * state[3] * state[3] * sine) / mass;
        double turn = (GRAVITY * sine - cosine * push) / (HALF_LENGTH * (4.0 / 3.0 - POLE_MASS * cosine * cosine / mass));
        double pull = push - POLE_MASS * HALF_LENGTH * turn * cosine / mass;
        state[0] += SECONDS * state[1];
        state[1] += SECONDS * pull;
        state[2] += SECONDS * state[3];
        state[3] += SECONDS * turn;
        steps++;
    }

    /** Whether the pole leans too far or the cart is too far away: there is nothing more to be had. */
    boolean isFallen() {
        return Math.abs(state[0]) > FARTHEST || Math.abs(state[2]) > STEEPEST;
    }

    /** Whether the episode is over. */
    boolean isOver() {
        return isFallen() || steps >= LONGEST;
    }

    /** Steps done: the return so far. */
    int steps() {
        return steps;
    }

    /** Copies the state to four places of an array. */
    void observe(float[] target, int offset) {
        for (int i = 0; i < STATE; i++) {
            target[offset + i] = (float) state[i];
        }
    }
}
