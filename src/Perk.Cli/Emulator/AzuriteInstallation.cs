using System.ComponentModel;
using System.Globalization;
using CliWrap;
using CliWrap.Buffered;
using Perk.Core;

namespace Perk.Cli.Emulator;

/// <summary>Azurite in the user's cache, installed once per content of the committed lock file.</summary>
public static class AzuriteInstallation
{
    private const int OldestNode = 20;
    private static readonly string[] Files = ["package.json", "package-lock.json"];

    /// <summary>The folder of the committed package and lock files and of the preloaded script.</summary>
    internal static string Sources { get; } = Path.Combine(AppContext.BaseDirectory, "Emulator");

    /// <summary>Installs Azurite unless it is there. Several processes may ask at once: one installs, the others wait.</summary>
    /// <param name="progress">Told what takes long.</param>
    /// <param name="cancellationToken">Stops waiting and installing; a half-done installation is done again next time.</param>
    /// <returns>The folder whose <c>node_modules</c> holds Azurite.</returns>
    /// <exception cref="EmulatorException">Node.js or npm is missing or too old, or npm failed.</exception>
    public static async Task<string> EnsureAsync(IProgress<string>? progress, CancellationToken cancellationToken)
    {
        var lockHash = Ids.Sha256OfFile(Path.Combine(Sources, "package-lock.json"));
        var folder = UserCache.Folder("azurite-" + lockHash[..12]);
        await EnsureAsync(folder, "node", OperatingSystem.IsWindows() ? "npm.cmd" : "npm", progress, cancellationToken);
        return folder;
    }

    internal static async Task EnsureAsync(
        string folder, string node, string npm, IProgress<string>? progress, CancellationToken cancellationToken)
    {
        await CheckNodeAsync(node, cancellationToken);
        var done = Path.Combine(folder, "installed");
        if (File.Exists(done)) return;

        using var alone = await FileLock.AcquireAsync(Path.Combine(folder, "lock"), cancellationToken);
        if (File.Exists(done)) return;
        progress?.Report("Installing the storage emulator (Azurite) with npm, once; this takes a minute or two.");
        foreach (var file in Files) File.Copy(Path.Combine(Sources, file), Path.Combine(folder, file), overwrite: true);
        var result = await RunAsync(
            CliWrap.Cli.Wrap(npm)
                .WithArguments(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--omit=dev"])
                .WithWorkingDirectory(folder),
            "npm was not found. It comes with Node.js: install Node.js 20 or later from https://nodejs.org and try again.",
            cancellationToken);
        if (!result.IsSuccess)
        {
            var lines = (result.StandardError + result.StandardOutput).Split('\n', StringSplitOptions.RemoveEmptyEntries);
            throw new EmulatorException(
                $"npm ci failed in {folder} with exit code {result.ExitCode}. Check the network and npm's registry settings. "
                + $"Its last lines:{Environment.NewLine}{string.Join(Environment.NewLine, lines.TakeLast(15))}");
        }

        await File.WriteAllTextAsync(done, "", cancellationToken);
    }

    private static async Task CheckNodeAsync(string node, CancellationToken cancellationToken)
    {
        var missing = $"Node.js was not found; the storage emulator needs version {OldestNode} or later. Install it from "
            + "https://nodejs.org, or use a storage account by its connection string.";
        var asked = await RunAsync(CliWrap.Cli.Wrap(node).WithArguments("--version"), missing, cancellationToken);
        var version = asked.StandardOutput.Trim();
        var major = version.TrimStart('v').Split('.')[0];
        if (int.TryParse(major, CultureInfo.InvariantCulture, out var number) && number >= OldestNode) return;
        throw new EmulatorException(
            $"The storage emulator needs Node.js {OldestNode} or later; '{node}' is version {version}. "
            + "Install a newer one from https://nodejs.org.");
    }

    private static async Task<BufferedCommandResult> RunAsync(
        Command command, string missing, CancellationToken cancellationToken)
    {
        try
        {
            return await command.WithValidation(CommandResultValidation.None).ExecuteBufferedAsync(cancellationToken);
        }
        catch (Win32Exception)
        {
            throw new EmulatorException(missing);
        }
    }
}
