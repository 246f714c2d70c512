/** Recurrent layers over whole sequences, forward and backward: LSTM, GRU and the plain tanh network. */
package dev.quern.kernels.recurrent;
