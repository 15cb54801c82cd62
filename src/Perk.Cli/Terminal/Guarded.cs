using Perk.Cli.Emulator;
using Perk.Core;
using Perk.Core.Documents;
using Perk.Core.MetaLearning;
using Perk.Core.Storage;
using Perk.Core.Tensors;

namespace Perk.Cli.Terminal;

/// <summary>Runs a command so that what goes wrong becomes one line and an exit code.</summary>
internal static class Guarded
{
    public static async Task<int> RunAsync(Func<Task<int>> command, CancellationToken cancel)
    {
        try
        {
            return await command();
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            Screen.Fail("cancelled.");
            return ExitCode.Failure;
        }
        catch (ArgumentException e)
        {
            Screen.Fail(e.Message);
            return ExitCode.Usage;
        }
        catch (Exception e)
        {
            Screen.Fail(IsExplained(e) ? e.Message : $"unexpected: {e}");
            return ExitCode.Failure;
        }
    }

    /// <summary>Whether the message is a sentence that says what to do.</summary>
    public static bool IsExplained(Exception e) => e is ModelFileException or DocumentException or InnerLoopDivergedException
        or StorageUnavailableException or EmulatorException or NativeTorchException or IOException or UnauthorizedAccessException;
}
