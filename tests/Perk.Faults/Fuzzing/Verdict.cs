namespace Perk.Faults.Fuzzing;

/// <summary>How a case ended.</summary>
/// <param name="Accepted">Whether its input was accepted.</param>
/// <param name="Exception">The type of the exception it was refused by; null where there was none.</param>
/// <param name="Fault">What is wrong with the way it ended; null for nothing.</param>
internal sealed record Verdict(bool Accepted, string? Exception, string? Fault);
