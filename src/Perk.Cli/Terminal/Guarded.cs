using System.Runtime.ExceptionServices;
using Perk.Cli.Emulator;
using Perk.Core;
using Perk.Core.Documents;
using Perk.Core.MetaLearning;
using Perk.Core.Storage;
using Perk.Core.Tasks;
using Perk.Core.Tensors;
using Perk.Core.Training;

namespace Perk.Cli.Terminal;

/// <summary>Runs a command so that what goes wrong becomes one line and an exit code.</summary>
internal static class Guarded
{
    public static async Task<int> RunAsync(Func<Task<int>> command, CancellationToken cancel)
    {
        try
        {
            return await UnwrappedAsync(command);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            Screen.Fail("cancelled.");
            return ExitCode.Failure;
        }
        catch (Exception e) when (e is ArgumentException or MessageFormatException)
        {
            Screen.Fail(Sentence(e));
            return ExitCode.Usage;
        }
        catch (Exception e)
        {
            Screen.Fail(IsExplained(e) ? e.Message : StorageFaults.Explain(e) ?? $"unexpected: {e}");
            return ExitCode.Failure;
        }
    }

    /// <summary>At a prompt it matters what is wrong with the model, not that a host goes without it.</summary>
    private static async Task<int> UnwrappedAsync(Func<Task<int>> command)
    {
        try
        {
            return await command();
        }
        catch (ModelUnavailableException e) when (e.InnerException is not null)
        {
            ExceptionDispatchInfo.Throw(e.InnerException);
            throw;
        }
    }

    /// <summary>Whether the message is a sentence that says what to do.</summary>
    public static bool IsExplained(Exception e) => e is ModelFileException or TaskDataException or RecipeException or TrainingDivergedException or DocumentException or InnerLoopDivergedException
        or StorageUnavailableException or EmulatorException or NativeTorchException or IOException or UnauthorizedAccessException;

    /// <summary>The message without the parameter's name that the runtime appends: it means nothing at a prompt.</summary>
    private static string Sentence(Exception e) =>
        e is ArgumentException { ParamName: { } name } ? e.Message.Split($" (Parameter '{name}')")[0] : e.Message;
}
