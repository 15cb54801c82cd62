using System.Diagnostics;

namespace Perk.Faults.Crashes;

/// <summary>A local host as a process of its own, with short time spans; its output goes to a file.</summary>
internal sealed class HostProcess : IAsyncDisposable
{
    private readonly StreamWriter _log;

    /// <summary>Starts it.</summary>
    /// <param name="world">Where it works.</param>
    /// <param name="number">Which of the run's hosts it is.</param>
    /// <param name="tries">Tries before a message is given up.</param>
    /// <param name="losesMessages">Whether the run may lose messages, so that jobs queued for half a minute are sent again, not after a day as otherwise.</param>
    /// <param name="cacheMiB">Adapters in memory; null for as many as otherwise.</param>
    public HostProcess(World world, int number, int tries, bool losesMessages = true, int? cacheMiB = null)
    {
        _log = new StreamWriter(Path.Combine(world.Folder, $"host-{number}.log"), append: true) { AutoFlush = true };
        var start = new ProcessStartInfo("dotnet",
        [
            Path.Combine(AppContext.BaseDirectory, "perk.dll"), "serve", "--lock", "00:00:05", "--retry-delay", "00:00:01", "--poll", "00:00:00.500", "--wait", "00:00:01",
            "--max-dequeue-count", $"{tries}",
        ])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["PerkStorage"] = world.ConnectionString;
        start.Environment["Perk__Device"] = "cpu";
        start.Environment.Remove("Perk__Model");
        start.Environment["Perk__Jobs__Lease"] = "00:00:15";
        start.Environment["Perk__Jobs__StaleAfter"] = "00:00:20";
        if (cacheMiB is { } mib) start.Environment["Perk__Questions__AdapterCacheMiB"] = $"{mib}";
        if (losesMessages) start.Environment["Perk__Jobs__ResendAfter"] = "00:00:30";
        start.Environment["PerkSweepSchedule"] = "*/5 * * * * *";
        Process = new Process { StartInfo = start };
        Process.OutputDataReceived += (_, line) => Log(line.Data);
        Process.ErrorDataReceived += (_, line) => Log(line.Data);
        Process.Start();
        Process.BeginOutputReadLine();
        Process.BeginErrorReadLine();
    }

    /// <summary>The process.</summary>
    public Process Process { get; }

    /// <summary>Ends it in the midst of what it does (SIGKILL).</summary>
    public async ValueTask DisposeAsync()
    {
        if (!Process.HasExited) Process.Kill();
        await Process.WaitForExitAsync(CancellationToken.None);
        Process.Dispose();
        lock (_log) _log.Dispose();
    }

    private void Log(string? line)
    {
        if (line is null) return;
        lock (_log)
        {
            if (_log.BaseStream is { CanWrite: true }) _log.WriteLine(line);
        }
    }
}
