using System.Runtime.CompilerServices;

namespace Perk.Scale.Parameters;

/// <summary>Checks of the options' values.</summary>
internal static class Within
{
    /// <summary>The value, where it is a number in the range.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not; the message names the option and the range.</exception>
    public static double Range(double value, double least, double most, [CallerMemberName] string? name = null) =>
        value >= least && value <= most ? value : throw new ArgumentOutOfRangeException(name, FormattableString.Invariant($"{name} is {value}; use {least} to {most}."));

    /// <summary>The value, where it is in the range.</summary>
    /// <inheritdoc cref="Range(double, double, double, string?)"/>
    public static int Range(int value, int least, int most, [CallerMemberName] string? name = null) => (int)Range((double)value, least, most, name);
}
