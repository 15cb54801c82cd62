using System.Diagnostics;
using System.Text;

namespace Perk.Cli.Tests;

/// <summary>The command <c>perk</c> as a process, from the files beside the test binary. It ends with this object.</summary>
internal sealed class PerkProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);
    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _errors = new();

    private PerkProcess(ProcessStartInfo start)
    {
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => Add(_output, line.Data);
        _process.ErrorDataReceived += (_, line) => Add(_errors, line.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public string Output => Text(_output);

    public string Errors => Text(_errors);

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    /// <summary>
    /// Starts it on the CPU and, unless told, with the smallest model, untrained, and without a storage setting; an empty model is the one that ships.
    /// </summary>
    public static PerkProcess Start(
        string workingFolder, IEnumerable<string> arguments, string? storage = null, string? model = null, IReadOnlyDictionary<string, string>? settings = null)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "perk.dll"), .. arguments])
        {
            WorkingDirectory = workingFolder,
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
        };
        start.Environment["Perk__Device"] = "cpu";
        start.Environment["Perk__Model"] = model ?? Small.Source.ModelFolder;
        start.Environment.Remove("PerkStorage");
        if (storage is not null) start.Environment["PerkStorage"] = storage;
        foreach (var (key, value) in settings ?? new Dictionary<string, string>()) start.Environment[key] = value;
        return new PerkProcess(start);
    }

    /// <summary>Runs it to its end.</summary>
    public static async Task<PerkResult> RunAsync(
        string workingFolder, IEnumerable<string> arguments, string? storage = null, string? model = null, IReadOnlyDictionary<string, string>? settings = null)
    {
        await using var perk = Start(workingFolder, arguments, storage, model, settings);
        return await perk.EndAsync(Patience);
    }

    /// <summary>Waits until a text was printed on either stream.</summary>
    public async Task SaysAsync(string text)
    {
        var clock = Stopwatch.StartNew();
        while (!(Output + Errors).Contains(text, StringComparison.Ordinal))
        {
            Assert.False(_process.HasExited, $"perk ended without saying '{text}':\n{Output}{Errors}");
            Assert.True(clock.Elapsed < Patience, $"perk has not said '{text}':\n{Output}{Errors}");
            await Task.Delay(20, Now);
        }
    }

    /// <summary>Waits for its end.</summary>
    public async Task<PerkResult> EndAsync(TimeSpan patience)
    {
        var clock = Stopwatch.StartNew();
        try
        {
            await _process.WaitForExitAsync(Now).WaitAsync(patience, Now);
        }
        catch (TimeoutException)
        {
            Assert.Fail($"perk has not ended after {patience}:\n{Output}{Errors}");
        }

        return new PerkResult(_process.ExitCode, Output, Errors, clock.Elapsed);
    }

    /// <summary>Sends a signal, by its name without SIG.</summary>
    public async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{_process.Id}"]);
        await kill.WaitForExitAsync(Now);
        Assert.Equal(0, kill.ExitCode);
    }

    /// <summary>Ends it in the midst of what it does (SIGKILL).</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync(Now);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill();
        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
    }

    private static void Add(StringBuilder to, string? line)
    {
        if (line is null) return;
        lock (to) to.Append(line).Append('\n');
    }

    private static string Text(StringBuilder from)
    {
        lock (from) return from.ToString();
    }
}

/// <summary>How a command ended.</summary>
internal sealed record PerkResult(int ExitCode, string Output, string Errors, TimeSpan Elapsed);
