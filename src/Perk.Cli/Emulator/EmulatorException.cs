namespace Perk.Cli.Emulator;

/// <summary>The storage emulator cannot be installed or started.</summary>
/// <param name="message">What is missing or went wrong, and what to do.</param>
public sealed class EmulatorException(string message) : Exception(message);
