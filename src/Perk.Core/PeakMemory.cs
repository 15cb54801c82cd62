using System.Diagnostics;

namespace Perk.Core;

/// <summary>The greatest resident set of this process so far.</summary>
internal static class PeakMemory
{
    /// <summary>Its bytes; where the system keeps no peak (macOS), what is resident now.</summary>
    internal static long Bytes()
    {
        using var process = Process.GetCurrentProcess();
        return Math.Max(process.PeakWorkingSet64, process.WorkingSet64);
    }
}
