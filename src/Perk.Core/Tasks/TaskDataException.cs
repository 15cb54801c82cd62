namespace Perk.Core.Tasks;

/// <summary>A file of task data is missing, damaged or not what the task asks for.</summary>
/// <param name="file">The file's path; the message begins with it.</param>
/// <param name="reason">What is wrong, naming the line or row and the field, and what was expected.</param>
/// <param name="inner">The cause, where a library reported it.</param>
public sealed class TaskDataException(string file, string reason, Exception? inner = null) : Exception($"{file}: {reason}", inner)
{
    /// <summary>The file's path.</summary>
    public string File { get; } = file;
}
