using System.Globalization;

namespace Perk.Cli.Tests;

internal static class Signals
{
    /// <summary>A program that a shell starts in the background ignores the interrupt key, and so do its children.</summary>
    public static void SkipUnlessTheyWork()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "there are no signals");
        if (!File.Exists("/proc/self/status")) return;
        var line = File.ReadLines("/proc/self/status").First(l => l.StartsWith("SigIgn:", StringComparison.Ordinal));
        var ignored = ulong.Parse(line["SigIgn:".Length..].Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        Assert.SkipWhen((ignored & 0b10) != 0, "the interrupt signal is ignored here");
    }
}
